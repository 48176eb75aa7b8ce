//! Temperature scaling: one number that logits are divided by, so that confidence is deserved.
//!
//! `T > 0` minimises the negative log-likelihood of held-out answers (Guo et al. 2017, *On
//! calibration of modern neural networks*, §4.2, <https://arxiv.org/abs/1706.04599>). With `β = 1/T`
//!
//! ```text
//! softmax:  L(β) = Σ log Σⱼ exp(β zⱼ) − β z_y     L′ = Σ E_p[z] − z_y      L″ = Σ Var_p[z]
//! sigmoid:  L(β) = Σ log(1 + exp(β z)) − y β z    L′ = Σ z (σ(βz) − y)     L″ = Σ z² σ(1 − σ)
//! ```
//!
//! `L` is convex in `β`, so the zero of `L′` is the minimum: Newton's steps, kept inside a bracket
//! that halves where a step would leave it. The sums run in the order of the rows, so the same
//! logits give the same bits. Dividing by `T` keeps the order of a row's logits: the most probable
//! class stays, and a probability stays on its side of one half.

use serde::{Deserialize, Serialize};

use crate::{MetricError, Reliability, checks};

/// Bins of the calibration errors that a [`TemperatureFit`] states.
const BINS: usize = 10;
/// The least and the largest `β` that is looked for: temperatures from 20 down to 0.05.
const BRACKET: (f64, f64) = (0.05, 20.0);
/// Steps after which even plain halving has found the zero to the last bit.
const STEPS: usize = 100;
/// Relative width of the bracket that is narrow enough.
const TOLERANCE: f64 = 1e-9;

/// Held-out logits with the truth about them.
#[derive(Clone, Copy, Debug)]
pub enum LabelledLogits<'a> {
    /// One class of many: a row of `columns` logits `(examples, columns)`, row-major, an example.
    Softmax {
        /// The logits.
        logits: &'a [f32],
        /// Logits of a row.
        columns: usize,
        /// The true class of each row.
        truth: &'a [usize],
    },
    /// Yes or no: one logit a decision.
    Sigmoid {
        /// The logits.
        logits: &'a [f32],
        /// Whether each holds.
        truth: &'a [bool],
    },
}

/// How good probabilities are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbabilityScores {
    /// Mean negative logarithm of the true answer's probability, nats; lower is better.
    pub log_loss: f64,
    /// Expected calibration error in ten bins, from 0 to 1; lower is better. Of many classes it is
    /// that of the most probable one, of a decision that of "yes".
    pub expected_calibration_error: f64,
}

/// A temperature and what it does to the logits that it was fitted on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemperatureFit {
    /// What logits are divided by: above 1 where the model is too sure of itself.
    pub temperature: f64,
    /// Scores of the probabilities without it.
    pub before: ProbabilityScores,
    /// Scores of the probabilities with it.
    pub after: ProbabilityScores,
}

impl LabelledLogits<'_> {
    /// The temperature of the largest likelihood; `None` where there is none from 0.05 to 20, as
    /// when every answer is right, so that more confidence is always better.
    ///
    /// # Errors
    /// If there is nothing to fit on, lengths differ, a class is out of range, or a logit is not
    /// finite.
    pub fn fit(&self) -> Result<Option<TemperatureFit>, MetricError> {
        self.check()?;
        let (mut low, mut high) = BRACKET;
        if self.slopes(low).0 >= 0.0 || self.slopes(high).0 <= 0.0 {
            return Ok(None);
        }
        let mut beta = 1.0;
        for _ in 0..STEPS {
            let (slope, curvature) = self.slopes(beta);
            if slope > 0.0 {
                high = beta;
            } else {
                low = beta;
            }
            let newton = beta - slope / curvature;
            // A step without curvature is no number, and is not inside the bracket either.
            let next = match newton > low && newton < high {
                true => newton,
                false => low + (high - low) / 2.0,
            };
            let is_close = (next - beta).abs() <= TOLERANCE * beta;
            beta = next;
            if is_close {
                break;
            }
        }
        let temperature = 1.0 / beta;
        Ok(Some(TemperatureFit {
            temperature,
            before: self.scores(1.0)?,
            after: self.scores(temperature)?,
        }))
    }

    /// How good the probabilities are that these logits give at a temperature.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and if the temperature is [none](check_temperature).
    pub fn scores(&self, temperature: f64) -> Result<ProbabilityScores, MetricError> {
        check_temperature(temperature)?;
        self.check()?;
        let beta = 1.0 / temperature;
        let mut loss = 0.0;
        let (mut is_right, mut confidences) = (Vec::new(), Vec::new());
        match *self {
            Self::Softmax {
                logits,
                columns,
                truth,
            } => {
                for (row, &class) in logits.chunks_exact(columns).zip(truth) {
                    let (largest, sum) = normaliser(row, beta);
                    loss += sum.ln() - beta * (f64::from(row[class]) - largest);
                    let top = first_largest(row);
                    is_right.push(top == class);
                    confidences.push(1.0 / sum);
                }
            }
            Self::Sigmoid { logits, truth } => {
                for (&logit, &holds) in logits.iter().zip(truth) {
                    let z = beta * f64::from(logit);
                    // log(1 + exp(z)) without overflow.
                    loss += z.max(0.0) + (-z.abs()).exp().ln_1p() - if holds { z } else { 0.0 };
                    is_right.push(holds);
                    confidences.push(sigmoid(z));
                }
            }
        }
        let reliability = Reliability::from_confidences(&is_right, &confidences, BINS)?;
        Ok(ProbabilityScores {
            log_loss: loss / is_right.len() as f64,
            expected_calibration_error: reliability.expected_calibration_error(),
        })
    }

    /// First and second derivative of the negative log-likelihood by `β`.
    fn slopes(&self, beta: f64) -> (f64, f64) {
        let (mut slope, mut curvature) = (0.0, 0.0);
        match *self {
            Self::Softmax {
                logits,
                columns,
                truth,
            } => {
                for (row, &class) in logits.chunks_exact(columns).zip(truth) {
                    let (largest, sum) = normaliser(row, beta);
                    let (mut mean, mut square) = (0.0, 0.0);
                    for &logit in row {
                        // Measured from the largest, which changes neither difference nor variance.
                        let z = f64::from(logit) - largest;
                        let probability = (beta * z).exp() / sum;
                        mean += probability * z;
                        square += probability * z * z;
                    }
                    slope += mean - (f64::from(row[class]) - largest);
                    curvature += square - mean * mean;
                }
            }
            Self::Sigmoid { logits, truth } => {
                for (&logit, &holds) in logits.iter().zip(truth) {
                    let z = f64::from(logit);
                    let probability = sigmoid(beta * z);
                    slope += z * (probability - f64::from(u8::from(holds)));
                    curvature += z * z * probability * (1.0 - probability);
                }
            }
        }
        (slope, curvature)
    }

    fn check(&self) -> Result<(), MetricError> {
        let (logits, columns) = match *self {
            Self::Softmax {
                logits,
                columns,
                truth,
            } => {
                let expected = columns * truth.len();
                checks::paired("logits", logits.len(), "columns of true classes", expected)?;
                if let Some(position) = truth.iter().position(|&class| class >= columns) {
                    return Err(MetricError::ClassOutOfRange {
                        what: "true class",
                        position,
                        class: truth[position],
                        num_classes: columns,
                    });
                }
                (logits, columns)
            }
            Self::Sigmoid { logits, truth } => {
                checks::paired("logits", logits.len(), "answers", truth.len())?;
                (logits, 1)
            }
        };
        match logits.iter().position(|logit| !logit.is_finite()) {
            None => Ok(()),
            Some(place) => Err(MetricError::NotANumber {
                row: place / columns,
                column: place % columns,
            }),
        }
    }
}

/// That logits can be divided by a temperature: a number from 0.001 to 1,000, so that no 32-bit logit
/// of a working model overflows.
///
/// # Errors
/// If it is outside, as 0 and negative numbers are, or not a number.
pub fn check_temperature(temperature: f64) -> Result<(), MetricError> {
    match (1e-3..=1e3).contains(&temperature) {
        true => Ok(()),
        false => Err(MetricError::Setting {
            setting: "temperature",
            found: temperature.to_string(),
            expected: "a number from 0.001 to 1000",
        }),
    }
}

/// The largest logit, and `Σ exp(β (z − largest))`.
fn normaliser(row: &[f32], beta: f64) -> (f64, f64) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let largest = f64::from(largest);
    let powers = row
        .iter()
        .map(|&logit| (beta * (f64::from(logit) - largest)).exp());
    (largest, powers.sum())
}

fn first_largest(row: &[f32]) -> usize {
    (1..row.len()).fold(
        0,
        |best, next| if row[next] > row[best] { next } else { best },
    )
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}
