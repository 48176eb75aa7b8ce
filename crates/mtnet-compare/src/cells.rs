//! Numbers as cells of a table.

use mtnet_metrics::{Estimate, Unit};

use crate::sentence::shown;

/// A score as people read it: `81.2` for a share or a coefficient, three digits otherwise.
pub fn number(value: f64, unit: Unit) -> String {
    if value.is_nan() {
        return "undefined".to_owned();
    }
    let digits = digits(unit);
    format!("{:.digits$}", shown(value, unit))
}

/// `81.2 ± 0.7`, the half width of the interval where there is one.
pub fn mean(mean: &Estimate, unit: Unit) -> String {
    match mean.half_width() {
        _ if mean.value.is_nan() => number(mean.value, unit),
        half if half.is_nan() => number(mean.value, unit),
        half => format!("{} ± {}", number(mean.value, unit), number(half, unit)),
    }
}

/// `+1.2 (+0.3 to +2.1)`, with the interval where there is one.
pub fn signed(gain: &Estimate, unit: Unit) -> String {
    let numbers = [gain.value, gain.lower, gain.upper].map(|value| shown(value, unit));
    with_signs(numbers, digits(unit))
}

/// The same of a gain that is in per cent already.
pub(crate) fn signed_per_cent(gain: &Estimate) -> String {
    with_signs([gain.value, gain.lower, gain.upper], 1)
}

fn with_signs([value, lower, upper]: [f64; 3], digits: usize) -> String {
    match (value.is_nan(), lower.is_nan()) {
        (true, _) => "undefined".to_owned(),
        (_, true) => format!("{value:+.digits$}"),
        _ => format!("{value:+.digits$} ({lower:+.digits$} to {upper:+.digits$})"),
    }
}

fn digits(unit: Unit) -> usize {
    match unit {
        Unit::Fraction | Unit::Coefficient => 1,
        _ => 3,
    }
}
