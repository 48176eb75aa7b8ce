//! Checks that settings of several losses share.

use crate::LossError;

/// `found` if `holds`, else the error that names the setting and its range.
pub(crate) fn ensure(
    holds: bool,
    setting: &'static str,
    found: f64,
    expected: &'static str,
) -> Result<(), LossError> {
    if holds {
        return Ok(());
    }
    Err(LossError::Setting {
        setting,
        found: found.to_string(),
        expected,
    })
}

/// Whether `gamma`, the focusing exponent of a focal loss, is usable.
pub(crate) fn check_gamma(gamma: f64) -> Result<(), LossError> {
    ensure(
        gamma >= 0. && gamma.is_finite(),
        "gamma",
        gamma,
        "a number of at least 0",
    )
}

/// Whether `alpha`, the weight of the positives in a sigmoid focal loss, is usable.
pub(crate) fn check_alpha(alpha: f64) -> Result<(), LossError> {
    ensure(
        (0. ..=1.).contains(&alpha),
        "alpha",
        alpha,
        "a number from 0 to 1",
    )
}

/// Whether `label_smoothing` is usable.
pub(crate) fn check_label_smoothing(label_smoothing: f64) -> Result<(), LossError> {
    ensure(
        (0. ..1.).contains(&label_smoothing),
        "label_smoothing",
        label_smoothing,
        "a number from 0 to below 1",
    )
}

/// Whether `delta`, the border between square and line of the Huber loss, is usable.
pub(crate) fn check_delta(delta: f64) -> Result<(), LossError> {
    ensure(
        delta > 0. && delta.is_finite(),
        "delta",
        delta,
        "a number above 0",
    )
}

/// Whether `beta`, the border between square and line of the smooth L1 loss, is usable.
pub(crate) fn check_beta(beta: f64) -> Result<(), LossError> {
    ensure(
        beta >= 0. && beta.is_finite(),
        "beta",
        beta,
        "a number of at least 0",
    )
}

/// Whether every weight is a finite number of at least 0 and one is above 0.
pub(crate) fn check_weights(setting: &'static str, weights: &[f64]) -> Result<(), LossError> {
    if let Some(&weight) = weights
        .iter()
        .find(|weight| !weight.is_finite() || **weight < 0.)
    {
        return ensure(false, setting, weight, "finite weights of at least 0");
    }
    if weights.iter().all(|weight| *weight == 0.) {
        return Err(LossError::Setting {
            setting,
            found: format!("{weights:?}"),
            expected: "at least one weight above 0",
        });
    }
    Ok(())
}

/// [`check_weights`], and that there is one for each of `expected` labels.
pub(crate) fn check_weights_of(
    setting: &'static str,
    weights: Option<&[f64]>,
    expected: usize,
) -> Result<(), LossError> {
    match weights {
        Some(weights) if weights.len() != expected => Err(LossError::WeightCount {
            setting,
            found: weights.len(),
            expected,
        }),
        Some(weights) => check_weights(setting, weights),
        None => Ok(()),
    }
}
