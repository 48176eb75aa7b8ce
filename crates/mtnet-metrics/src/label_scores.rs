//! Any number of labels an example: how well scores rank them.
//!
//! By label: average precision and ROC AUC of one label over the examples. By example: label
//! ranking average precision, the mean over examples `i` and their true labels `j` of the share of
//! true labels among those scored at least as high,
//!
//! ```text
//! LRAP = 1/n Σᵢ 1/|Yᵢ| Σ_{j ∈ Yᵢ} |{k ∈ Yᵢ : sᵢₖ ≥ sᵢⱼ}| / |{k : sᵢₖ ≥ sᵢⱼ}|
//! ```
//!
//! Schapire and Singer 2000, *BoosTexter*, §3; Tsoumakas et al. 2010, *Mining multi-label data*,
//! §7.3. An example of which all labels or none are true counts 1, since any ranking is right.

use crate::columns::{self, ByColumn};
use crate::{Average, MetricError, average_precision, checks, roc_auc};

/// Average precision over labels; both are `(examples, labels)`. A label without a positive counts
/// 0 in the macro average and is left out of the weighted one (NaN if no label has any).
///
/// # Errors
/// If there are no examples or labels, the shapes differ, or a score is NaN.
pub fn label_average_precision<T: AsRef<[bool]>, R: AsRef<[f64]>>(
    truth: &[T],
    scores: &[R],
    average: Average,
) -> Result<f64, MetricError> {
    let columns = by_label(truth, scores)?;
    Ok(columns::average(
        &columns,
        average,
        average_precision::steps,
    ))
}

/// Average precision of each label, 0 for one without a positive.
///
/// # Errors
/// As [`label_average_precision`].
pub fn per_label_average_precision<T: AsRef<[bool]>, R: AsRef<[f64]>>(
    truth: &[T],
    scores: &[R],
) -> Result<Vec<f64>, MetricError> {
    Ok(by_label(truth, scores)?.each(average_precision::steps))
}

/// ROC AUC over labels; both are `(examples, labels)`. The macro average is NaN where a label is
/// true for no example or for all of them.
///
/// # Errors
/// As [`label_average_precision`].
pub fn label_roc_auc<T: AsRef<[bool]>, R: AsRef<[f64]>>(
    truth: &[T],
    scores: &[R],
    average: Average,
) -> Result<f64, MetricError> {
    let columns = by_label(truth, scores)?;
    Ok(columns::average(&columns, average, roc_auc::area))
}

/// Label ranking average precision, above 0 and at most 1; both are `(examples, labels)`.
///
/// # Errors
/// As [`label_average_precision`].
pub fn label_ranking_average_precision<T: AsRef<[bool]>, R: AsRef<[f64]>>(
    truth: &[T],
    scores: &[R],
) -> Result<f64, MetricError> {
    check(truth, scores)?;
    let sum: f64 = truth
        .iter()
        .zip(scores)
        .map(|(truth, scores)| ranking_precision(truth.as_ref(), scores.as_ref()))
        .sum();
    Ok(sum / truth.len() as f64)
}

fn ranking_precision(truth: &[bool], scores: &[f64]) -> f64 {
    let relevant: Vec<f64> = truth
        .iter()
        .zip(scores)
        .filter(|(holds, _)| **holds)
        .map(|(_, &score)| score)
        .collect();
    if relevant.is_empty() || relevant.len() == truth.len() {
        return 1.0;
    }
    let rank = |among: &[f64], score: f64| among.iter().filter(|&&other| other >= score).count();
    let sum: f64 = relevant
        .iter()
        .map(|&score| rank(&relevant, score) as f64 / rank(scores, score) as f64)
        .sum();
    sum / relevant.len() as f64
}

fn check<T: AsRef<[bool]>, R: AsRef<[f64]>>(
    truth: &[T],
    scores: &[R],
) -> Result<usize, MetricError> {
    checks::paired("rows of scores", scores.len(), "true rows", truth.len())?;
    let num_labels = checks::table("true rows", truth)?;
    checks::row_lengths("rows of scores", scores, num_labels)?;
    checks::numbers(scores)?;
    Ok(num_labels)
}

fn by_label<T: AsRef<[bool]>, R: AsRef<[f64]>>(
    truth: &[T],
    scores: &[R],
) -> Result<ByColumn, MetricError> {
    let num_labels = check(truth, scores)?;
    Ok(ByColumn::of_labels(truth, scores, num_labels))
}
