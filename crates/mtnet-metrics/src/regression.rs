//! Errors of predicted numbers.
//!
//! With truth `yᵢ` of mean `ȳ`, prediction `ŷᵢ` and residual `rᵢ = yᵢ − ŷᵢ` of mean `r̄`:
//!
//! ```text
//! MSE = mean rᵢ²    RMSE = √MSE    MAE = mean |rᵢ|
//! R² = 1 − Σ rᵢ² / Σ (yᵢ − ȳ)²    explained variance = 1 − Σ (rᵢ − r̄)² / Σ (yᵢ − ȳ)²
//! ```
//!
//! R²: Wright 1921; both as by scikit-learn, where a constant truth gives 1 for a perfect and 0
//! for any other prediction. A value that is not a number makes the result NaN.

use crate::{MetricError, checks};

/// Mean squared error, in the squared unit of the target; lower is better.
///
/// # Errors
/// If there are no values, or the lists differ in length.
pub fn mean_squared_error(truth: &[f64], predicted: &[f64]) -> Result<f64, MetricError> {
    check(truth, predicted)?;
    Ok(mean(
        residuals(truth, predicted).map(|residual| residual * residual),
    ))
}

/// Root of the mean squared error, in the unit of the target; lower is better.
///
/// # Errors
/// As [`mean_squared_error`].
pub fn root_mean_squared_error(truth: &[f64], predicted: &[f64]) -> Result<f64, MetricError> {
    mean_squared_error(truth, predicted).map(f64::sqrt)
}

/// Mean absolute error, in the unit of the target; lower is better.
///
/// # Errors
/// As [`mean_squared_error`].
pub fn mean_absolute_error(truth: &[f64], predicted: &[f64]) -> Result<f64, MetricError> {
    check(truth, predicted)?;
    Ok(mean(residuals(truth, predicted).map(f64::abs)))
}

/// Coefficient of determination R², at most 1; 0 is the score of always predicting the mean, and
/// worse predictions are below it. NaN for a single value.
///
/// # Errors
/// As [`mean_squared_error`].
pub fn r_squared(truth: &[f64], predicted: &[f64]) -> Result<f64, MetricError> {
    let unexplained = mean_squared_error(truth, predicted)?;
    if truth.len() < 2 {
        return Ok(f64::NAN);
    }
    Ok(explained(unexplained, variance(truth)))
}

/// Explained variance, at most 1: R² that forgives a constant offset.
///
/// # Errors
/// As [`mean_squared_error`].
pub fn explained_variance(truth: &[f64], predicted: &[f64]) -> Result<f64, MetricError> {
    check(truth, predicted)?;
    let residuals: Vec<f64> = residuals(truth, predicted).collect();
    Ok(explained(variance(&residuals), variance(truth)))
}

pub(crate) fn check(truth: &[f64], predicted: &[f64]) -> Result<(), MetricError> {
    checks::paired(
        "predicted values",
        predicted.len(),
        "true values",
        truth.len(),
    )
}

/// Mean of at least one value.
pub(crate) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// Whether all values are the same. A mean is rounded, so that a variance cannot tell.
pub(crate) fn is_constant(values: &[f64]) -> bool {
    values.iter().all(|value| *value == values[0])
}

fn residuals(truth: &[f64], predicted: &[f64]) -> impl ExactSizeIterator<Item = f64> {
    truth
        .iter()
        .zip(predicted)
        .map(|(truth, predicted)| truth - predicted)
}

fn variance(values: &[f64]) -> f64 {
    if is_constant(values) {
        return 0.0;
    }
    let center = mean(values.iter().copied());
    mean(values.iter().map(|value| (value - center).powi(2)))
}

fn explained(unexplained: f64, total: f64) -> f64 {
    if unexplained == 0.0 {
        1.0
    } else if total == 0.0 && !unexplained.is_nan() {
        0.0
    } else {
        1.0 - unexplained / total
    }
}
