//! Precision, recall and F1 from counts, and their averages over classes, labels or entity types.
//!
//! With true positives `tp`, false positives `fp` and false negatives `fn`:
//!
//! ```text
//! precision = tp / (tp + fp)      recall = tp / (tp + fn)
//! f1 = 2 tp / (2 tp + fp + fn)    jaccard = tp / (tp + fp + fn)
//! ```
//!
//! Each is 0 where its denominator is. F1 is the harmonic mean of precision and recall (van
//! Rijsbergen, *Information Retrieval*, 2nd ed. 1979, ch. 7). The averages are those of
//! scikit-learn and seqeval: *micro* sums the counts of all classes first, *macro* is the mean
//! over classes (so macro F1 is a mean of F1s, not the F1 of the means: Opitz and Burst 2019,
//! <https://arxiv.org/abs/1911.03347>), *weighted* weighs that mean by the true count of a class.

use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::nan_as_null;

/// How scores of several classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Average {
    /// Every decision counts the same.
    Micro,
    /// Every class counts the same.
    Macro,
    /// Every class counts by how often it is the true one.
    Weighted,
}

/// How often a class, label or entity type was found, wrongly found and missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Counts {
    /// Predicted and true.
    pub true_positives: u64,
    /// Predicted and not true.
    pub false_positives: u64,
    /// True and not predicted.
    pub false_negatives: u64,
}

/// Precision, recall and F1, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallF1 {
    /// Share of the predicted that are true.
    #[serde(with = "nan_as_null")]
    pub precision: f64,
    /// Share of the true that are predicted.
    #[serde(with = "nan_as_null")]
    pub recall: f64,
    /// Harmonic mean of both, or a mean of such.
    #[serde(with = "nan_as_null")]
    pub f1: f64,
    /// How many are true.
    pub support: u64,
}

impl Counts {
    /// How many are true.
    pub fn support(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// How many are predicted.
    pub fn predicted(&self) -> u64 {
        self.true_positives + self.false_positives
    }

    /// Share of the predicted that are true, 0 where nothing is predicted.
    pub fn precision(&self) -> f64 {
        ratio(self.true_positives, self.predicted())
    }

    /// Share of the true that are predicted, 0 where nothing is true.
    pub fn recall(&self) -> f64 {
        ratio(self.true_positives, self.support())
    }

    /// Harmonic mean of precision and recall, 0 where nothing is true or predicted.
    pub fn f1(&self) -> f64 {
        ratio(2 * self.true_positives, self.support() + self.predicted())
    }

    /// Share of what is true and predicted in what is either (Jaccard 1912), 0 where there is
    /// neither.
    pub fn jaccard(&self) -> f64 {
        ratio(self.true_positives, self.support() + self.false_positives)
    }

    /// Precision, recall and F1 together.
    pub fn scores(&self) -> PrecisionRecallF1 {
        PrecisionRecallF1 {
            precision: self.precision(),
            recall: self.recall(),
            f1: self.f1(),
            support: self.support(),
        }
    }

    /// Counts one decision.
    pub(crate) fn record(&mut self, truth: bool, predicted: bool) {
        self.true_positives += u64::from(truth && predicted);
        self.false_positives += u64::from(!truth && predicted);
        self.false_negatives += u64::from(truth && !predicted);
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            false_negatives: self.false_negatives + other.false_negatives,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// `part / whole`, 0 where there is no whole.
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// The average over classes. Without any class the macro average is NaN and the others are 0;
/// without any true one the weighted average is 0.
pub(crate) fn average(classes: &[Counts], average: Average) -> PrecisionRecallF1 {
    let total: Counts = classes.iter().copied().sum();
    let mean =
        |score: fn(&Counts) -> f64| classes.iter().map(score).sum::<f64>() / classes.len() as f64;
    let weighted = |score: fn(&Counts) -> f64| {
        let sum: f64 = classes
            .iter()
            .map(|class| class.support() as f64 * score(class))
            .sum();
        if total.support() == 0 {
            0.0
        } else {
            sum / total.support() as f64
        }
    };
    match average {
        Average::Micro => total.scores(),
        Average::Macro => PrecisionRecallF1 {
            precision: mean(Counts::precision),
            recall: mean(Counts::recall),
            f1: mean(Counts::f1),
            support: total.support(),
        },
        Average::Weighted => PrecisionRecallF1 {
            precision: weighted(Counts::precision),
            recall: weighted(Counts::recall),
            f1: weighted(Counts::f1),
            support: total.support(),
        },
    }
}
