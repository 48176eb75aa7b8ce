//! How good probabilities are: log loss, Brier score, and accuracy of the most probable few.
//!
//! With probability `pᵢₖ` of class `k` for example `i` of true class `yᵢ`, as means over examples:
//!
//! ```text
//! log loss = −ln pᵢ,yᵢ             in nats, pᵢₖ clipped to [ε, 1 − ε], ε = 2⁻⁵²
//! Brier score = Σₖ (pᵢₖ − [yᵢ = k])²
//! ```
//!
//! Brier 1950, *Verification of forecasts expressed in terms of probability*: for many classes the
//! sum runs over all of them and is from 0 to 2; for one probability of "yes" it is the single
//! square, from 0 to 1. Both are proper scoring rules (Gneiting and Raftery 2007). Clipping as by
//! scikit-learn: a wrong answer of probability 0 costs 36 nats instead of infinity.

use crate::{MetricError, checks};

/// Mean log loss in nats of class probabilities `(examples, classes)`; lower is better.
///
/// # Errors
/// If there are no examples, shapes differ, a class is out of range, or a row is no distribution.
pub fn log_loss<R: AsRef<[f64]>>(truth: &[usize], probabilities: &[R]) -> Result<f64, MetricError> {
    checks::distributions(truth, probabilities)?;
    let sum: f64 = truth
        .iter()
        .zip(probabilities)
        .map(|(&class, row)| nats(row.as_ref()[class]))
        .sum();
    Ok(sum / truth.len() as f64)
}

/// Mean log loss in nats of probabilities that `truth` holds; lower is better.
///
/// # Errors
/// If there are no examples, the lists differ in length, or a value is no probability.
pub fn binary_log_loss(truth: &[bool], probabilities: &[f64]) -> Result<f64, MetricError> {
    check_binary(truth, probabilities)?;
    let sum: f64 = truth
        .iter()
        .zip(probabilities)
        .map(|(&holds, &p)| {
            let p = clip(p);
            nats(if holds { p } else { 1.0 - p })
        })
        .sum();
    Ok(sum / truth.len() as f64)
}

/// Mean Brier score of class probabilities `(examples, classes)`, from 0 to 2; lower is better.
///
/// # Errors
/// As [`log_loss`].
pub fn brier_score<R: AsRef<[f64]>>(
    truth: &[usize],
    probabilities: &[R],
) -> Result<f64, MetricError> {
    checks::distributions(truth, probabilities)?;
    let mut sum = 0.0;
    for (&class, row) in truth.iter().zip(probabilities) {
        for (column, p) in row.as_ref().iter().enumerate() {
            sum += (p - f64::from(u8::from(column == class))).powi(2);
        }
    }
    Ok(sum / truth.len() as f64)
}

/// Mean Brier score of probabilities that `truth` holds, from 0 to 1; lower is better.
///
/// # Errors
/// As [`binary_log_loss`].
pub fn binary_brier_score(truth: &[bool], probabilities: &[f64]) -> Result<f64, MetricError> {
    check_binary(truth, probabilities)?;
    let sum: f64 = truth
        .iter()
        .zip(probabilities)
        .map(|(&holds, p)| (p - f64::from(u8::from(holds))).powi(2))
        .sum();
    Ok(sum / truth.len() as f64)
}

/// Share of examples whose true class is among the `k` highest of their scores
/// `(examples, classes)`. Of equal scores the higher class goes first, as by scikit-learn.
///
/// # Errors
/// If there are no examples, shapes differ, a class is out of range, a score is NaN, or `k` is 0.
pub fn top_k_accuracy<R: AsRef<[f64]>>(
    truth: &[usize],
    scores: &[R],
    k: usize,
) -> Result<f64, MetricError> {
    checks::paired("rows of scores", scores.len(), "true classes", truth.len())?;
    let num_classes = checks::table("rows of scores", scores)?;
    checks::classes("true class", truth, num_classes)?;
    checks::numbers(scores)?;
    if k == 0 {
        return Err(MetricError::Setting {
            setting: "k",
            found: k.to_string(),
            expected: "at least 1",
        });
    }
    let hits = truth.iter().zip(scores).filter(|&(&class, row)| {
        let row = row.as_ref();
        let is_ahead =
            |other: usize| row[other] > row[class] || (row[other] == row[class] && other > class);
        (0..num_classes).filter(|&other| is_ahead(other)).count() < k
    });
    Ok(hits.count() as f64 / truth.len() as f64)
}

fn check_binary(truth: &[bool], probabilities: &[f64]) -> Result<(), MetricError> {
    checks::paired(
        "probabilities",
        probabilities.len(),
        "true labels",
        truth.len(),
    )?;
    match probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        None => Ok(()),
        Some(row) => Err(MetricError::NotAProbability {
            row,
            column: 0,
            value: probabilities[row],
        }),
    }
}

fn clip(probability: f64) -> f64 {
    probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON)
}

fn nats(probability: f64) -> f64 {
    -clip(probability).ln()
}
