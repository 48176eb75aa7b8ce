//! Logistic and ridge regression with a quadratic penalty on weights, none on intercepts.
//!
//! With scores `s = x W + b` and a penalty `λ` the sum over examples of
//!
//! ```text
//! softmax     ln Σₖ exp sₖ − s_y              (one label of many)
//! sigmoid     Σₖ ln(1 + exp sₖ) − yₖ sₖ        (each label by its own yes or no)
//! identity    ½ Σₖ (yₖ − sₖ)²                  (numbers; a missing one counts nothing)
//! ```
//!
//! plus `½ λ |W|²` is minimised. In scikit-learn `λ` is `1 / C` of `LogisticRegression` and `alpha`
//! of `Ridge`; with two labels both columns of `softmax` carry half a weight each, so that `λ` there is
//! `2 / C` of its binary regression. Hastie, Tibshirani and Friedman 2009, *The elements of statistical learning*, §4.4
//! and §3.4.1.

use super::lbfgs::{Stopping, minimize};
use crate::SparseRows;

/// From scores to what is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// One label of many.
    Softmax,
    /// Each label by its own yes or no.
    Sigmoid,
    /// Numbers as they are.
    Identity,
}

/// How a linear model is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearOptions {
    /// Penalty `λ` on squared weights.
    pub penalty: f64,
    /// Steps at most. Default 300.
    pub max_steps: usize,
    /// Largest slope of the mean loss at which to stop. Default 1e-5.
    pub tolerance: f64,
}

impl LinearOptions {
    /// Defaults with that penalty.
    pub fn new(penalty: f64) -> Self {
        Self {
            penalty,
            max_steps: 300,
            tolerance: 1e-5,
        }
    }
}

/// Weights `(features, columns)` and intercepts.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearModel {
    link: Link,
    columns: usize,
    /// The weights row by row, then the intercepts.
    parameters: Vec<f64>,
}

impl LinearModel {
    /// Fits rows to `targets` `(rows, columns)`: 0 and 1 for labels, numbers for
    /// [`Link::Identity`], NaN for a missing number. `start` is a model to begin from, such as
    /// that of another penalty.
    ///
    /// # Panics
    /// If `targets` are not as many as rows and columns ask for, or `start` has another shape.
    pub fn fit(
        link: Link,
        columns: usize,
        rows: &SparseRows,
        targets: &[f32],
        options: LinearOptions,
        start: Option<&Self>,
    ) -> Self {
        assert_eq!(targets.len(), rows.len() * columns, "a target an entry");
        let weights = rows.width() * columns;
        let mut parameters = match start {
            Some(model) => model.parameters.clone(),
            None => vec![0.0; weights + columns],
        };
        assert_eq!(parameters.len(), weights + columns, "a start of this shape");
        let stopping = Stopping {
            max_steps: options.max_steps,
            tolerance: options.tolerance,
        };
        let share = 1.0 / rows.len().max(1) as f64;
        let mut scores = vec![0.0; columns];
        minimize(&mut parameters, stopping, |x, gradient| {
            let penalty = share * options.penalty;
            let mut value = 0.0;
            for (slope, &weight) in gradient.iter_mut().zip(&x[..weights]) {
                *slope = penalty * weight;
                value += 0.5 * penalty * weight * weight;
            }
            gradient[weights..].fill(0.0);
            for row in 0..rows.len() {
                score(rows, row, x, columns, &mut scores);
                let targets = &targets[row * columns..][..columns];
                value += share * link.slopes(&mut scores, targets);
                for (column, feature) in rows.row(row) {
                    let gradient = &mut gradient[column as usize * columns..][..columns];
                    let feature = share * f64::from(feature);
                    for (gradient, slope) in gradient.iter_mut().zip(&scores) {
                        *gradient += feature * slope;
                    }
                }
                for (gradient, slope) in gradient[weights..].iter_mut().zip(&scores) {
                    *gradient += share * slope;
                }
            }
            value
        });
        Self {
            link,
            columns,
            parameters,
        }
    }

    /// Probabilities of the columns, or the numbers, of each row `(rows, columns)`.
    pub fn predict(&self, rows: &SparseRows) -> Vec<Vec<f32>> {
        let mut scores = vec![0.0; self.columns];
        (0..rows.len())
            .map(|row| {
                score(rows, row, &self.parameters, self.columns, &mut scores);
                self.link.answer(&mut scores);
                scores.iter().map(|&score| score as f32).collect()
            })
            .collect()
    }

    /// Numbers in weights and intercepts.
    pub fn parameters(&self) -> u64 {
        self.parameters.len() as u64
    }
}

fn score(rows: &SparseRows, row: usize, parameters: &[f64], columns: usize, scores: &mut [f64]) {
    let weights = rows.width() * columns;
    scores.copy_from_slice(&parameters[weights..]);
    for (column, feature) in rows.row(row) {
        let weights = &parameters[column as usize * columns..][..columns];
        for (score, weight) in scores.iter_mut().zip(weights) {
            *score += f64::from(feature) * weight;
        }
    }
}

impl Link {
    /// The loss of one row; its scores become the slopes of the loss.
    fn slopes(self, scores: &mut [f64], targets: &[f32]) -> f64 {
        let targets = targets.iter().map(|&target| f64::from(target));
        match self {
            Self::Softmax => {
                let right: f64 = scores.iter().zip(targets.clone()).map(|(s, y)| s * y).sum();
                let normaliser = softmax(scores);
                scores.iter_mut().zip(targets).for_each(|(p, y)| *p -= y);
                normaliser - right
            }
            Self::Sigmoid => scores
                .iter_mut()
                .zip(targets)
                .map(|(score, y)| {
                    let loss = score.max(0.0) + (-score.abs()).exp().ln_1p() - y * *score;
                    *score = sigmoid(*score) - y;
                    loss
                })
                .sum(),
            Self::Identity => scores
                .iter_mut()
                .zip(targets)
                .map(|(score, y)| {
                    *score = if y.is_nan() { 0.0 } else { *score - y };
                    0.5 * *score * *score
                })
                .sum(),
        }
    }

    fn answer(self, scores: &mut [f64]) {
        match self {
            Self::Softmax => {
                softmax(scores);
            }
            Self::Sigmoid => scores.iter_mut().for_each(|score| *score = sigmoid(*score)),
            Self::Identity => {}
        }
    }
}

/// Scores become probabilities; the logarithm of their sum is returned.
fn softmax(scores: &mut [f64]) -> f64 {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    most + sum.ln()
}

fn sigmoid(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}
