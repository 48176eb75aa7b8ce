//! Average precision: the area under the steps of the precision-recall curve.
//!
//! ```text
//! AP = Σₙ (Rₙ − Rₙ₋₁) Pₙ
//! ```
//!
//! over the distinct scores from the highest down, with recall `Rₙ` and precision `Pₙ` of
//! everything that scores at least the n-th (Buckley and Voorhees 2000; scikit-learn's
//! `average_precision_score`). Nothing is interpolated, which would be too optimistic (Davis and
//! Goadrich 2006, §4).

use crate::MetricError;
use crate::roc_auc::check_binary;
use crate::thresholds::{AtThreshold, falling};

/// Average precision of scores that are high where `truth` holds; 0 where it holds nowhere.
///
/// # Errors
/// If there are no examples, the lists differ in length, or a score is NaN.
pub fn average_precision(truth: &[bool], scores: &[f64]) -> Result<f64, MetricError> {
    check_binary(truth, scores)?;
    Ok(steps(truth, scores))
}

pub(crate) fn steps(truth: &[bool], scores: &[f64]) -> f64 {
    let curve = falling(truth, scores);
    let positives = curve.last().map_or(0.0, |all| all.true_positives);
    if positives == 0.0 {
        return 0.0;
    }
    let mut before = AtThreshold::default();
    let mut sum = 0.0;
    for at in curve {
        let precision = at.true_positives / (at.true_positives + at.false_positives);
        sum += (at.true_positives - before.true_positives) * precision;
        before = at;
    }
    sum / positives
}
