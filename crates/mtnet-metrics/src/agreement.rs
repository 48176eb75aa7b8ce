//! Agreement of true and predicted classes beyond chance: Matthews correlation and Cohen's kappa.
//!
//! With `s` examples, `c` of them right, and class `k` true `tₖ` times and predicted `pₖ` times:
//!
//! ```text
//! mcc = (c s − Σₖ pₖ tₖ) / √((s² − Σₖ pₖ²) (s² − Σₖ tₖ²))
//! kappa = 1 − Σᵢⱼ wᵢⱼ Cᵢⱼ / Σᵢⱼ wᵢⱼ tᵢ pⱼ / s
//! ```
//!
//! Matthews 1975 for two classes; for many, Gorodkin 2004, *Comparing two K-category assignments
//! by a K-category correlation coefficient*, eq. 8. Kappa: Cohen 1960, and with weights
//! `w = |i − j|` or `(i − j)²` Cohen 1968; without weights `w` is 1 off the diagonal.

use serde::{Deserialize, Serialize};

use crate::ConfusionMatrix;

/// How bad it is to confuse class `i` with class `j`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KappaWeights {
    /// All confusions are equally bad.
    #[default]
    None,
    /// By the distance of the class indices, for ordered classes.
    Linear,
    /// By the square of that distance.
    Quadratic,
}

impl KappaWeights {
    fn weight(self, truth: usize, predicted: usize) -> f64 {
        let distance = truth.abs_diff(predicted) as f64;
        match self {
            Self::None => distance.min(1.0),
            Self::Linear => distance,
            Self::Quadratic => distance * distance,
        }
    }
}

impl ConfusionMatrix {
    /// Matthews correlation coefficient, from −1 (for two classes) to 1; 0 where only one class is
    /// true or only one is predicted, as by scikit-learn, although it is undefined there.
    pub fn matthews_correlation(&self) -> f64 {
        let total = self.total() as f64;
        let (truth, predicted) = self.margins();
        let right: f64 = (0..self.num_classes())
            .map(|class| self.count(class, class) as f64)
            .sum();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let covariance = right * total - product(&truth, &predicted);
        let spread_of_truth = total * total - product(&truth, &truth);
        let spread_of_predicted = total * total - product(&predicted, &predicted);
        if spread_of_truth == 0.0 || spread_of_predicted == 0.0 {
            return 0.0;
        }
        covariance / (spread_of_truth.sqrt() * spread_of_predicted.sqrt())
    }

    /// Cohen's kappa, at most 1; NaN where truth and prediction are one and the same class.
    ///
    /// Weights use the class indices as they are: a class that does not occur still lies between
    /// its neighbours.
    pub fn cohen_kappa(&self, weights: KappaWeights) -> f64 {
        let total = self.total() as f64;
        let (truth, predicted) = self.margins();
        let mut observed = 0.0;
        let mut expected = 0.0;
        for (i, row) in self.rows().enumerate() {
            for (j, &count) in row.iter().enumerate() {
                let weight = weights.weight(i, j);
                observed += weight * count as f64;
                expected += weight * truth[i] * predicted[j] / total;
            }
        }
        // 0 / 0, the undefined case, is NaN.
        1.0 - observed / expected
    }

    /// How often each class is true, and how often predicted.
    fn margins(&self) -> (Vec<f64>, Vec<f64>) {
        (0..self.num_classes())
            .map(|class| {
                let counts = self.class_counts(class);
                (counts.support() as f64, counts.predicted() as f64)
            })
            .unzip()
    }
}
