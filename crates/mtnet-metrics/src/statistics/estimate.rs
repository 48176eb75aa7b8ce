//! A number with the interval that its spread supports.

use serde::{Deserialize, Serialize};

/// A mean or a difference, and where it may well lie.
///
/// A bound that the data cannot support (one seed has no spread) is NaN, and `null` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number itself.
    #[serde(with = "crate::nan_as_null")]
    pub value: f64,
    /// Lower bound of the interval.
    #[serde(with = "crate::nan_as_null")]
    pub lower: f64,
    /// Upper bound of the interval.
    #[serde(with = "crate::nan_as_null")]
    pub upper: f64,
    /// Share of repetitions in which such an interval holds the true number, such as 0.95.
    pub level: f64,
    /// How many values or pairs it rests on.
    pub count: usize,
}

impl Estimate {
    /// Whether the interval is known and lies on one side of zero.
    pub fn excludes_zero(&self) -> bool {
        self.lower > 0.0 || self.upper < 0.0
    }

    /// Half the length of the interval, NaN where it is not known.
    pub fn half_width(&self) -> f64 {
        (self.upper - self.lower) / 2.0
    }
}
