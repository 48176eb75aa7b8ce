//! What makes a task's probabilities deserved: the temperature that its scores are divided by.
//!
//! It is fitted on development data after training and kept in `tasks.json`. Labels, tags and
//! unnormalised scores do not depend on it.

use mtnet_core::{IGNORED_TAG, TargetValues};
use mtnet_heads::Link;
use mtnet_metrics::{
    LabelledLogits, MetricError, ProbabilityScores, TemperatureFit, check_temperature,
};
use serde::{Deserialize, Serialize};

/// A fitted temperature, and what it did to the probabilities of the data that it was fitted on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Calibration {
    /// What scores are divided by, from 0.001 to 1,000.
    temperature: f64,
    /// Rows or decisions that it was fitted on.
    examples: u64,
    /// Scores of the probabilities without it.
    before: ProbabilityScores,
    /// Scores of the probabilities with it.
    after: ProbabilityScores,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    temperature: f64,
    examples: u64,
    before: ProbabilityScores,
    after: ProbabilityScores,
}

impl TryFrom<Unchecked> for Calibration {
    type Error = MetricError;

    fn try_from(read: Unchecked) -> Result<Self, MetricError> {
        check_temperature(read.temperature)?;
        Ok(Self {
            temperature: read.temperature,
            examples: read.examples,
            before: read.before,
            after: read.after,
        })
    }
}

impl Calibration {
    /// What scores are divided by: above 1 where the model was too sure of itself.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// Rows (of a multi-label task decisions, rows times labels) that it was fitted on.
    pub fn examples(&self) -> u64 {
        self.examples
    }

    /// Scores of the probabilities without it, on what it was fitted on.
    pub fn before(&self) -> ProbabilityScores {
        self.before
    }

    /// Scores of the probabilities with it, on what it was fitted on.
    pub fn after(&self) -> ProbabilityScores {
        self.after
    }
}

/// Scores of one task for labelled rows, collected batch by batch to fit a temperature on.
#[derive(Clone, Debug)]
pub struct LabelledScores {
    link: Link,
    columns: usize,
    logits: Vec<f32>,
    classes: Vec<usize>,
    holds: Vec<bool>,
}

impl LabelledScores {
    /// The fewest rows or decisions that a temperature is fitted on; one number learned from fewer
    /// says more about them than about the model.
    pub const FEWEST: usize = 30;

    pub(crate) fn new(link: Link, columns: usize) -> Self {
        Self {
            link,
            columns,
            logits: Vec::new(),
            classes: Vec::new(),
            holds: Vec::new(),
        }
    }

    /// Adds rows of scores `(rows, columns)`, row-major, with their targets; rows without a label
    /// are left out.
    pub(crate) fn extend(&mut self, scores: &[f32], targets: &TargetValues) {
        match targets {
            TargetValues::Classes(classes) | TargetValues::Tags(classes) => {
                for (row, &class) in scores.chunks_exact(self.columns).zip(classes) {
                    if class != IGNORED_TAG {
                        self.logits.extend(row);
                        self.classes.push(class as usize);
                    }
                }
            }
            TargetValues::MultiLabel { values, .. } => {
                self.logits.extend(scores);
                self.holds.extend(values.iter().map(|&value| value > 0.5));
            }
            // Numbers, and whatever has no probabilities.
            _ => {}
        }
    }

    /// Rows, or decisions of a multi-label task.
    pub fn examples(&self) -> usize {
        match self.link {
            Link::Softmax => self.classes.len(),
            Link::Sigmoid => self.holds.len(),
        }
    }

    /// The temperature of the largest likelihood; `None` with fewer than [`FEWEST`](Self::FEWEST)
    /// rows, or where no temperature is the best.
    ///
    /// # Errors
    /// If a score is not finite.
    pub fn fit(&self) -> Result<Option<Calibration>, MetricError> {
        if self.examples() < Self::FEWEST {
            return Ok(None);
        }
        let found = self.labelled().fit()?;
        Ok(found.map(|fit: TemperatureFit| Calibration {
            temperature: fit.temperature,
            examples: self.examples() as u64,
            before: fit.before,
            after: fit.after,
        }))
    }

    /// How good the probabilities are at a temperature; `None` without a row.
    ///
    /// # Errors
    /// If a score is not finite, or the temperature is none that logits can be divided by.
    pub fn scores(&self, temperature: f64) -> Result<Option<ProbabilityScores>, MetricError> {
        match self.examples() {
            0 => Ok(None),
            _ => self.labelled().scores(temperature).map(Some),
        }
    }

    fn labelled(&self) -> LabelledLogits<'_> {
        match self.link {
            Link::Softmax => LabelledLogits::Softmax {
                logits: &self.logits,
                columns: self.columns,
                truth: &self.classes,
            },
            Link::Sigmoid => LabelledLogits::Sigmoid {
                logits: &self.logits,
                truth: &self.holds,
            },
        }
    }
}
