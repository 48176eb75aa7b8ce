//! The interval of a mean over few values, such as seeds, by Student's distribution.
//!
//! With mean `m`, sample deviation `s` (over `n − 1`) and the quantile `t` of Student's
//! distribution with `n − 1` degrees of freedom, the interval is `m ± t s / √n` (Student 1908,
//! *The probable error of a mean*). It is exact for normal values; three seeds make `t` 4.3, so
//! that an interval of them is wide, as it should be.

use super::Estimate;
use super::beta::incomplete_beta;
use crate::{MetricError, checks};

/// Mean of `values` with its interval at `level` (0.95 is usual). One value has no interval.
///
/// # Errors
/// If there is no value, one is not a number, or `level` is not between 0 and 1.
pub fn student_interval(values: &[f64], level: f64) -> Result<Estimate, MetricError> {
    check_level(level)?;
    checks::not_empty("values", values.len())?;
    if let Some(row) = values.iter().position(|value| value.is_nan()) {
        return Err(MetricError::NotANumber { row, column: 0 });
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let half = if values.len() < 2 {
        f64::NAN
    } else {
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (squares / (n - 1.0) / n).sqrt();
        student_quantile(0.5 + level / 2.0, n - 1.0)? * error
    };
    Ok(Estimate {
        value: mean,
        lower: mean - half,
        upper: mean + half,
        level,
        count: values.len(),
    })
}

/// The number that a value of Student's distribution with `degrees` of freedom stays below with
/// that probability.
///
/// # Errors
/// If `probability` is not between 0 and 1, or `degrees` is below 1.
pub fn student_quantile(probability: f64, degrees: f64) -> Result<f64, MetricError> {
    if !(probability > 0.0 && probability < 1.0) {
        return Err(MetricError::Setting {
            setting: "probability",
            found: probability.to_string(),
            expected: "a number between 0 and 1",
        });
    }
    if !(degrees >= 1.0 && degrees.is_finite()) {
        return Err(MetricError::Setting {
            setting: "degrees of freedom",
            found: degrees.to_string(),
            expected: "a number from 1",
        });
    }
    let tail = probability.min(1.0 - probability);
    // Halving of the interval that the answer lies in: slow, sure, and exact to the last bits.
    let (mut low, mut high) = (0.0, 1.0);
    while upper_tail(high, degrees) > tail {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if upper_tail(middle, degrees) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    let quantile = f64::midpoint(low, high);
    Ok(if probability < 0.5 {
        -quantile
    } else {
        quantile
    })
}

/// Probability of a value above `t`, which is at least 0.
fn upper_tail(t: f64, degrees: f64) -> f64 {
    0.5 * incomplete_beta(degrees / (degrees + t * t), degrees / 2.0, 0.5)
}

pub(super) fn check_level(level: f64) -> Result<(), MetricError> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(MetricError::Setting {
        setting: "level",
        found: level.to_string(),
        expected: "a number between 0 and 1",
    })
}
