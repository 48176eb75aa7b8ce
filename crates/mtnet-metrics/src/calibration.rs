//! Calibration: whether answers given with confidence 0.8 are right 80 % of the time.
//!
//! Examples are sorted by confidence into `M` bins of equal width; with `nₘ` of `n` examples,
//! mean confidence `confₘ` and accuracy `accₘ` in bin `m`:
//!
//! ```text
//! ECE = Σₘ nₘ/n |accₘ − confₘ|      MCE = maxₘ |accₘ − confₘ|      RMSCE = √(Σₘ nₘ/n (accₘ − confₘ)²)
//! ```
//!
//! Guo et al. 2017, *On calibration of modern neural networks*, §2
//! (<https://arxiv.org/abs/1706.04599>): the confidence of many classes is the probability of the
//! most probable one, and bin `m` is `((m − 1)/M, m/M]`. Implementations that close bins on the
//! left (`[lo, hi)`, as netcal and torchmetrics do) differ where a confidence lies on an edge. A
//! confidence of 0 belongs to the first bin. RMSCE: Hendrycks et al. 2019, *Deep anomaly
//! detection with outlier exposure*, app. D.

use serde::{Deserialize, Serialize};

use crate::{MetricError, checks};

/// Examples by confidence, of at least one example: the reliability diagram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    bins: Vec<ReliabilityBin>,
}

/// The examples with a confidence above `lower` and up to `upper`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Lower edge, not part of the bin (except 0).
    pub lower: f64,
    /// Upper edge, part of the bin.
    pub upper: f64,
    /// How many examples.
    pub count: u64,
    /// Mean confidence, 0 in an empty bin.
    pub confidence: f64,
    /// Share of right answers, 0 in an empty bin.
    pub accuracy: f64,
}

impl Reliability {
    /// Confidence in the most probable class, the first of equals; `probabilities` is
    /// `(examples, classes)`.
    ///
    /// # Errors
    /// If there are no examples, shapes differ, a class is out of range, a row is no distribution,
    /// or `num_bins` is 0.
    pub fn from_probabilities<R: AsRef<[f64]>>(
        truth: &[usize],
        probabilities: &[R],
        num_bins: usize,
    ) -> Result<Self, MetricError> {
        checks::distributions(truth, probabilities)?;
        let (confidences, is_right): (Vec<f64>, Vec<bool>) = truth
            .iter()
            .zip(probabilities)
            .map(|(&class, row)| {
                let row = row.as_ref();
                let first =
                    |best: usize, next: usize| if row[next] > row[best] { next } else { best };
                let top = (1..row.len()).fold(0, first);
                (row[top], top == class)
            })
            .unzip();
        Self::from_confidences(&is_right, &confidences, num_bins)
    }

    /// Confidences from 0 to 1 in answers that were right or not. With the truth of a yes-or-no
    /// question and the probability of "yes" it is the calibration of that probability.
    ///
    /// # Errors
    /// If there are no examples, the lists differ in length, a confidence is out of range, or
    /// `num_bins` is 0.
    pub fn from_confidences(
        is_right: &[bool],
        confidences: &[f64],
        num_bins: usize,
    ) -> Result<Self, MetricError> {
        checks::paired("confidences", confidences.len(), "answers", is_right.len())?;
        if num_bins == 0 {
            return Err(MetricError::Setting {
                setting: "num_bins",
                found: num_bins.to_string(),
                expected: "at least 1",
            });
        }
        if let Some(row) = confidences.iter().position(|c| !(0.0..=1.0).contains(c)) {
            return Err(MetricError::NotAProbability {
                row,
                column: 0,
                value: confidences[row],
            });
        }
        let mut bins: Vec<ReliabilityBin> = (0..num_bins)
            .map(|bin| ReliabilityBin {
                lower: edge(bin, num_bins),
                upper: edge(bin + 1, num_bins),
                count: 0,
                confidence: 0.0,
                accuracy: 0.0,
            })
            .collect();
        for (&is_right, &confidence) in is_right.iter().zip(confidences) {
            let bin = &mut bins[bin_of(confidence, num_bins)];
            bin.count += 1;
            bin.confidence += confidence;
            bin.accuracy += f64::from(u8::from(is_right));
        }
        for bin in bins.iter_mut().filter(|bin| bin.count > 0) {
            bin.confidence /= bin.count as f64;
            bin.accuracy /= bin.count as f64;
        }
        Ok(Self { bins })
    }

    /// The bins by rising confidence.
    pub fn bins(&self) -> &[ReliabilityBin] {
        &self.bins
    }

    /// Expected calibration error (ECE), from 0 to 1; lower is better.
    pub fn expected_calibration_error(&self) -> f64 {
        self.mean(ReliabilityBin::gap)
    }

    /// Maximum calibration error (MCE) over the bins that hold examples, from 0 to 1; lower is
    /// better.
    pub fn maximum_calibration_error(&self) -> f64 {
        self.bins
            .iter()
            .map(ReliabilityBin::gap)
            .fold(0.0, f64::max)
    }

    /// Root mean square calibration error, from 0 to 1; lower is better.
    pub fn root_mean_square_calibration_error(&self) -> f64 {
        self.mean(|bin| bin.gap().powi(2)).sqrt()
    }

    fn mean(&self, of: impl Fn(&ReliabilityBin) -> f64) -> f64 {
        let total: u64 = self.bins.iter().map(|bin| bin.count).sum();
        let sum: f64 = self.bins.iter().map(|bin| bin.count as f64 * of(bin)).sum();
        sum / total as f64
    }
}

impl ReliabilityBin {
    /// Distance of confidence and accuracy, 0 in an empty bin.
    pub fn gap(&self) -> f64 {
        (self.accuracy - self.confidence).abs()
    }
}

fn edge(index: usize, num_bins: usize) -> f64 {
    index as f64 / num_bins as f64
}

/// The bin `(lower, upper]` of a confidence.
fn bin_of(confidence: f64, num_bins: usize) -> usize {
    let guess = (confidence * num_bins as f64).ceil() as usize;
    let mut bin = guess.clamp(1, num_bins) - 1;
    // The product is rounded, so that a confidence on an edge may land beside it.
    if bin > 0 && confidence <= edge(bin, num_bins) {
        bin -= 1;
    } else if bin + 1 < num_bins && confidence > edge(bin + 1, num_bins) {
        bin += 1;
    }
    bin
}
