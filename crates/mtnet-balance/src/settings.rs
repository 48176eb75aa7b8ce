//! Checks of numbers in a run file.

use std::collections::BTreeMap;

use crate::position::task_position;
use crate::{BalanceError, TaskInfo};

/// What a number may be: one of the functions below.
pub(crate) type Check = fn(&'static str, &'static str, f64) -> Result<f64, BalanceError>;

/// One number a task, read from a table by task name and checked.
///
/// `setting` is the key below `[balance]`; a task that the table does not name has `default`.
pub(crate) fn by_task(
    method: &'static str,
    setting: &'static str,
    tasks: &[TaskInfo],
    table: &BTreeMap<String, f64>,
    default: f64,
    check: Check,
) -> Result<Vec<f64>, BalanceError> {
    for (name, &value) in table {
        check(method, setting, value).map_err(|error| match error {
            BalanceError::Setting {
                found, expected, ..
            } => BalanceError::Setting {
                method,
                setting,
                found: format!("{found} for task `{name}`"),
                expected,
            },
            other => other,
        })?;
    }
    let mut values = vec![default; tasks.len()];
    for (name, &value) in table {
        values[task_position(tasks, name, &format!("balance.{setting}"))?] = value;
    }
    Ok(values)
}

/// A finite number above 0.
pub(crate) fn positive(
    method: &'static str,
    setting: &'static str,
    value: f64,
) -> Result<f64, BalanceError> {
    check(
        method,
        setting,
        value,
        value > 0.0,
        "a finite number above 0",
    )
}

/// A number in `0 <= value < 1`, such as the decay of an average.
pub(crate) fn decay(
    method: &'static str,
    setting: &'static str,
    value: f64,
) -> Result<f64, BalanceError> {
    check(
        method,
        setting,
        value,
        (0.0..1.0).contains(&value),
        "a number of at least 0 and below 1",
    )
}

/// A number in `0 <= value <= 1`.
pub(crate) fn fraction(
    method: &'static str,
    setting: &'static str,
    value: f64,
) -> Result<f64, BalanceError> {
    let inside = (0.0..=1.0).contains(&value);
    check(method, setting, value, inside, "a number of 0 to 1")
}

/// A count of `least` or more.
pub(crate) fn at_least(
    method: &'static str,
    setting: &'static str,
    value: u64,
    least: u64,
) -> Result<u64, BalanceError> {
    if value >= least {
        Ok(value)
    } else {
        Err(BalanceError::Setting {
            method,
            setting,
            found: value.to_string(),
            expected: if least == 1 { "1 or more" } else { "2 or more" },
        })
    }
}

/// A finite number of 0 or above.
pub(crate) fn not_negative(
    method: &'static str,
    setting: &'static str,
    value: f64,
) -> Result<f64, BalanceError> {
    check(
        method,
        setting,
        value,
        value >= 0.0,
        "a finite number of 0 or above",
    )
}

/// A finite number.
pub(crate) fn finite(
    method: &'static str,
    setting: &'static str,
    value: f64,
) -> Result<f64, BalanceError> {
    check(method, setting, value, true, "a finite number")
}

fn check(
    method: &'static str,
    setting: &'static str,
    value: f64,
    inside: bool,
    expected: &'static str,
) -> Result<f64, BalanceError> {
    if inside && value.is_finite() {
        Ok(value)
    } else {
        Err(BalanceError::Setting {
            method,
            setting,
            found: value.to_string(),
            expected,
        })
    }
}
