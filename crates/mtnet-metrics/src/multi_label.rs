//! Any number of labels an example: decisions counted by label and by example.
//!
//! With true labels `Yᵢ` and predicted labels `Zᵢ` of example `i`, as means over examples:
//!
//! ```text
//! subset accuracy = [Yᵢ = Zᵢ]           Hamming loss = |Yᵢ △ Zᵢ| / L
//! samples F1 = 2 |Yᵢ ∩ Zᵢ| / (|Yᵢ| + |Zᵢ|)    samples Jaccard = |Yᵢ ∩ Zᵢ| / |Yᵢ ∪ Zᵢ|
//! ```
//!
//! Godbole and Sarawagi 2004; Tsoumakas and Katakis 2007, *Multi-label classification: an
//! overview*, §4. An example without true and predicted labels counts 0 in the samples averages,
//! as by scikit-learn.

use serde::{Deserialize, Serialize};

use crate::counts::average;
use crate::{Average, Counts, MetricError, PrecisionRecallF1, checks};

/// What was found and missed of each label, and the means over at least one example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MultiLabelReport {
    per_label: Vec<Counts>,
    samples: PrecisionRecallF1,
    samples_jaccard: f64,
    subset_accuracy: f64,
    hamming_loss: f64,
}

impl MultiLabelReport {
    /// Counts decisions; both are `(examples, labels)`.
    ///
    /// # Errors
    /// If there are no examples or labels, or the shapes differ.
    pub fn new<T: AsRef<[bool]>, P: AsRef<[bool]>>(
        truth: &[T],
        predicted: &[P],
    ) -> Result<Self, MetricError> {
        checks::paired("predicted rows", predicted.len(), "true rows", truth.len())?;
        let num_labels = checks::table("true rows", truth)?;
        checks::row_lengths("predicted rows", predicted, num_labels)?;
        let mut per_label = vec![Counts::default(); num_labels];
        let mut per_sample = Vec::with_capacity(truth.len());
        for (truth, predicted) in truth.iter().zip(predicted) {
            let mut sample = Counts::default();
            let decisions = truth.as_ref().iter().zip(predicted.as_ref());
            for (label, (&truth, &predicted)) in per_label.iter_mut().zip(decisions) {
                label.record(truth, predicted);
                sample.record(truth, predicted);
            }
            per_sample.push(sample);
        }
        let mean = |of: fn(&Counts) -> f64| {
            per_sample.iter().map(of).sum::<f64>() / per_sample.len() as f64
        };
        let wrong = mean(|sample| (sample.false_positives + sample.false_negatives) as f64);
        Ok(Self {
            samples: average(&per_sample, Average::Macro),
            samples_jaccard: mean(Counts::jaccard),
            subset_accuracy: mean(|sample| {
                let is_right = sample.false_positives + sample.false_negatives == 0;
                f64::from(u8::from(is_right))
            }),
            hamming_loss: wrong / num_labels as f64,
            per_label,
        })
    }

    /// What was found and missed of each label.
    pub fn per_label(&self) -> &[Counts] {
        &self.per_label
    }

    /// The average over all labels. A label that is neither true nor predicted counts as 0.
    pub fn average(&self, how: Average) -> PrecisionRecallF1 {
        average(&self.per_label, how)
    }

    /// Precision, recall and F1 of each example's labels, averaged over examples.
    pub fn samples_average(&self) -> PrecisionRecallF1 {
        self.samples
    }

    /// Jaccard index of each example's labels, averaged over examples.
    pub fn samples_jaccard(&self) -> f64 {
        self.samples_jaccard
    }

    /// Share of examples with exactly the right labels.
    pub fn subset_accuracy(&self) -> f64 {
        self.subset_accuracy
    }

    /// Share of wrong decisions over labels; lower is better.
    pub fn hamming_loss(&self) -> f64 {
        self.hamming_loss
    }
}
