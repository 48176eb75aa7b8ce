//! Area under the receiver operating characteristic (ROC AUC).
//!
//! The probability that a positive example scores higher than a negative one, a tie counting half:
//! the area under true-positive rate over false-positive rate, by trapezoids (Hanley and McNeil
//! 1982; Fawcett 2006, *An introduction to ROC analysis*). Up to a false-positive rate `m` only,
//! standardised so that chance is 0.5 and perfect is 1 (McClish 1989):
//!
//! ```text
//! ½ (1 + (area − m²/2) / (m − m²/2))
//! ```
//!
//! For many classes either each class against the rest (Provost and Domingos 2001), or the mean
//! over pairs of classes `i`, `j` of `½ (A(i|j) + A(j|i))`, in which only examples of the pair
//! take part (Hand and Till 2001, eq. 7).

use crate::columns::{self, ByColumn};
use crate::thresholds::{AtThreshold, falling};
use crate::{Average, MetricError, checks};

/// ROC AUC of scores that are high where `truth` holds. NaN where all examples are positive or all
/// negative.
///
/// # Errors
/// If there are no examples, the lists differ in length, or a score is NaN.
pub fn roc_auc(truth: &[bool], scores: &[f64]) -> Result<f64, MetricError> {
    check_binary(truth, scores)?;
    Ok(area(truth, scores))
}

/// Standardised ROC AUC up to a false-positive rate, from 0 < `max_false_positive_rate` ≤ 1; with
/// 1 it is [`roc_auc`]. NaN where all examples are positive or all negative.
///
/// # Errors
/// As [`roc_auc`], and if the rate is out of range.
pub fn partial_roc_auc(
    truth: &[bool],
    scores: &[f64],
    max_false_positive_rate: f64,
) -> Result<f64, MetricError> {
    check_binary(truth, scores)?;
    let limit = max_false_positive_rate;
    if !(limit > 0.0 && limit <= 1.0) {
        return Err(MetricError::Setting {
            setting: "max_false_positive_rate",
            found: limit.to_string(),
            expected: "above 0, at most 1",
        });
    }
    if limit == 1.0 {
        return Ok(area(truth, scores));
    }
    let chance = limit * limit / 2.0;
    let area = area_below(truth, scores, limit);
    Ok(0.5 * (1.0 + (area - chance) / (limit - chance)))
}

/// ROC AUC of each class against the rest; `scores` is `(examples, classes)`.
///
/// The macro average is NaN where a class has no example or all of them; the weighted one leaves
/// out classes without examples; the micro one pools the decisions over all classes.
///
/// # Errors
/// If there are no examples, shapes differ, a class is out of range or a score is NaN.
pub fn roc_auc_one_vs_rest<R: AsRef<[f64]>>(
    truth: &[usize],
    scores: &[R],
    average: Average,
) -> Result<f64, MetricError> {
    let num_classes = check_multiclass(truth, scores)?;
    let columns = ByColumn::of_classes(truth, scores, num_classes);
    Ok(columns::average(&columns, average, area))
}

/// Mean ROC AUC over all pairs of classes that occur in `truth`; `scores` is `(examples, classes)`.
/// NaN where only one class occurs.
///
/// # Errors
/// As [`roc_auc_one_vs_rest`].
pub fn roc_auc_one_vs_one<R: AsRef<[f64]>>(
    truth: &[usize],
    scores: &[R],
) -> Result<f64, MetricError> {
    let num_classes = check_multiclass(truth, scores)?;
    let mut members: Vec<Vec<&[f64]>> = vec![Vec::new(); num_classes];
    for (&class, row) in truth.iter().zip(scores) {
        members[class].push(row.as_ref());
    }
    // How well the scores of `class` part its own examples from those of another class.
    let separation = |class: usize, other: usize| {
        let rows = || members[class].iter().chain(&members[other]);
        let scores: Vec<f64> = rows().map(|row| row[class]).collect();
        let is_own: Vec<bool> = (0..scores.len())
            .map(|position| position < members[class].len())
            .collect();
        area(&is_own, &scores)
    };
    let present: Vec<usize> = (0..num_classes)
        .filter(|&class| !members[class].is_empty())
        .collect();
    let mut sum = 0.0;
    let mut pairs = 0;
    for (position, &a) in present.iter().enumerate() {
        for &b in &present[position + 1..] {
            sum += (separation(a, b) + separation(b, a)) / 2.0;
            pairs += 1;
        }
    }
    // 0 / 0, the case without a pair, is NaN.
    Ok(sum / f64::from(pairs))
}

pub(crate) fn check_binary(truth: &[bool], scores: &[f64]) -> Result<(), MetricError> {
    checks::paired("scores", scores.len(), "true labels", truth.len())?;
    match scores.iter().position(|score| score.is_nan()) {
        None => Ok(()),
        Some(row) => Err(MetricError::NotANumber { row, column: 0 }),
    }
}

fn check_multiclass<R: AsRef<[f64]>>(truth: &[usize], scores: &[R]) -> Result<usize, MetricError> {
    checks::paired("rows of scores", scores.len(), "true classes", truth.len())?;
    let num_classes = checks::table("rows of scores", scores)?;
    checks::classes("true class", truth, num_classes)?;
    checks::numbers(scores)?;
    Ok(num_classes)
}

/// The whole area, NaN where a rate has no denominator.
pub(crate) fn area(truth: &[bool], scores: &[f64]) -> f64 {
    area_below(truth, scores, 1.0)
}

/// The area to the left of a false-positive rate, cutting the last trapezoid where it is crossed.
fn area_below(truth: &[bool], scores: &[f64], max_rate: f64) -> f64 {
    let curve = falling(truth, scores);
    let all = curve.last().copied().unwrap_or_default();
    let limit = max_rate * all.false_positives;
    let mut before = AtThreshold::default();
    let mut area = 0.0;
    for at in curve {
        let width =
            (at.false_positives - before.false_positives).min(limit - before.false_positives);
        if width > 0.0 {
            let share = width / (at.false_positives - before.false_positives);
            let end = before.true_positives + share * (at.true_positives - before.true_positives);
            area += width * (before.true_positives + end) / 2.0;
        }
        before = at;
    }
    area / (all.false_positives * all.true_positives)
}
