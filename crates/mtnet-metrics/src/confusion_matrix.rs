//! One class of many: how often each true class was predicted as each class, and what follows.
//!
//! ```text
//! accuracy = Σᵢ Cᵢᵢ / Σᵢⱼ Cᵢⱼ
//! balanced accuracy = mean over true classes i of Cᵢᵢ / Σⱼ Cᵢⱼ
//! ```
//!
//! Balanced accuracy: Brodersen et al. 2010, *The balanced accuracy and its posterior
//! distribution*, in its form for many classes. Conventions are those of scikit-learn: classes
//! that are neither true nor predicted in the data take no part in an average.

use serde::{Deserialize, Serialize};

use crate::counts::{average, ratio};
use crate::{Average, Counts, MetricError, PrecisionRecallF1, checks};

/// Counts by true and predicted class, of at least one example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<u64>>", into = "Vec<Vec<u64>>")]
pub struct ConfusionMatrix {
    num_classes: usize,
    /// `(num_classes, num_classes)`, a row a true class.
    counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// Counts pairs of a true and a predicted class, each from 0 to `num_classes` − 1.
    ///
    /// # Errors
    /// If there are no pairs, the lists differ in length, or a class is out of range.
    pub fn from_classes(
        truth: &[usize],
        predicted: &[usize],
        num_classes: usize,
    ) -> Result<Self, MetricError> {
        checks::paired(
            "predicted classes",
            predicted.len(),
            "true classes",
            truth.len(),
        )?;
        checks::classes("true class", truth, num_classes)?;
        checks::classes("predicted class", predicted, num_classes)?;
        let mut counts = vec![0; num_classes * num_classes];
        for (&truth, &predicted) in truth.iter().zip(predicted) {
            counts[truth * num_classes + predicted] += 1;
        }
        Ok(Self {
            num_classes,
            counts,
        })
    }

    /// How many classes there are.
    pub fn num_classes(&self) -> usize {
        self.num_classes
    }

    /// How many examples of class `truth` were predicted as class `predicted`.
    ///
    /// # Panics
    /// If a class is out of range.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        assert!(predicted < self.num_classes, "class out of range");
        self.counts[truth * self.num_classes + predicted]
    }

    /// The counts, a row a true class.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u64]> {
        self.counts.chunks_exact(self.num_classes)
    }

    /// How many examples there are.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// What was found and missed of one class.
    ///
    /// # Panics
    /// If the class is out of range.
    pub fn class_counts(&self, class: usize) -> Counts {
        let true_positives = self.count(class, class);
        let support: u64 = self.counts[class * self.num_classes..][..self.num_classes]
            .iter()
            .sum();
        let predicted: u64 = self.rows().map(|row| row[class]).sum();
        Counts {
            true_positives,
            false_positives: predicted - true_positives,
            false_negatives: support - true_positives,
        }
    }

    /// Precision, recall and F1 of each class, 0 where a class is absent.
    pub fn per_class(&self) -> Vec<PrecisionRecallF1> {
        self.all_counts().iter().map(Counts::scores).collect()
    }

    /// Share of examples with the right class.
    pub fn accuracy(&self) -> f64 {
        let right = (0..self.num_classes)
            .map(|class| self.count(class, class))
            .sum();
        ratio(right, self.total())
    }

    /// Mean recall over the classes that are true somewhere.
    pub fn balanced_accuracy(&self) -> f64 {
        let counts = self.all_counts();
        let recalls: Vec<f64> = counts
            .iter()
            .filter(|class| class.support() > 0)
            .map(Counts::recall)
            .collect();
        recalls.iter().sum::<f64>() / recalls.len() as f64
    }

    /// The average over the classes that are true or predicted somewhere. The micro average is the
    /// accuracy, three times.
    pub fn average(&self, how: Average) -> PrecisionRecallF1 {
        average(&self.present_counts(), how)
    }

    /// The macro average over all classes, in which an absent class counts as 0.
    pub fn macro_average_of_all_classes(&self) -> PrecisionRecallF1 {
        average(&self.all_counts(), Average::Macro)
    }

    /// Mean of the classes' Jaccard indices over the classes that are true or predicted somewhere.
    pub fn macro_jaccard(&self) -> f64 {
        let classes = self.present_counts();
        classes.iter().map(Counts::jaccard).sum::<f64>() / classes.len() as f64
    }

    fn all_counts(&self) -> Vec<Counts> {
        (0..self.num_classes)
            .map(|class| self.class_counts(class))
            .collect()
    }

    fn present_counts(&self) -> Vec<Counts> {
        let mut counts = self.all_counts();
        counts.retain(|class| class.support() + class.predicted() > 0);
        counts
    }
}

impl From<ConfusionMatrix> for Vec<Vec<u64>> {
    fn from(matrix: ConfusionMatrix) -> Self {
        matrix.rows().map(<[u64]>::to_vec).collect()
    }
}

impl TryFrom<Vec<Vec<u64>>> for ConfusionMatrix {
    type Error = MetricError;

    /// Reads a square table, a row a true class.
    fn try_from(rows: Vec<Vec<u64>>) -> Result<Self, MetricError> {
        let num_classes = rows.len();
        checks::row_lengths("confusion matrix", &rows, num_classes)?;
        let counts = rows.concat();
        if counts.iter().all(|&count| count == 0) {
            return Err(MetricError::Empty { what: "examples" });
        }
        Ok(Self {
            num_classes,
            counts,
        })
    }
}
