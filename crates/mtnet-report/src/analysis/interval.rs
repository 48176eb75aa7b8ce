//! Intervals: of a mean over seeds, and of a share of examples.
//!
//! ```text
//! seeds:  mean ± t₀.₉₇₅(n − 1) · s / √n
//! share:  (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)        z = 1.96
//! ```
//!
//! The first is Student's (1908), of `mtnet-metrics`; the second Wilson's (1927, *Probable inference, the law of
//! succession, and statistical inference*), which stays inside 0 and 1.

use mtnet_metrics::student_interval;

/// A value and the 95 % interval around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The value.
    pub mean: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// How many values, or examples.
    pub count: usize,
}

/// Student's interval of the mean of values that are independent; `None` for fewer than two.
pub fn seeds_interval(values: &[f64]) -> Option<Interval> {
    if values.len() < 2 {
        return None;
    }
    let estimate = student_interval(values, 0.95).ok()?;
    Some(Interval {
        mean: estimate.value,
        lower: estimate.lower,
        upper: estimate.upper,
        count: estimate.count,
    })
}

/// Wilson's interval of `right` out of `count`; `None` where there is nothing.
pub fn wilson_interval(right: usize, count: usize) -> Option<Interval> {
    if count == 0 {
        return None;
    }
    let (z, n) = (1.959_963_984_540_054_f64, count as f64);
    let mean = right as f64 / n;
    let middle = mean + z * z / (2.0 * n);
    let half = z * (mean * (1.0 - mean) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    Some(Interval {
        mean,
        lower: (middle - half) / whole,
        upper: (middle + half) / whole,
        count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `statsmodels`' `proportion_confint(8, 10, method="wilson")`.
    #[test]
    fn shares_agree_with_statsmodels() {
        let share = wilson_interval(8, 10).unwrap();
        assert!((share.lower - 0.490_162_5).abs() < 1e-6, "{share:?}");
        assert!((share.upper - 0.943_317_8).abs() < 1e-6, "{share:?}");
        assert_eq!(wilson_interval(0, 0), None);
    }

    #[test]
    fn one_seed_has_no_interval() {
        assert_eq!(seeds_interval(&[0.5]), None);
        let interval = seeds_interval(&[0.80, 0.82, 0.84]).unwrap();
        assert!((interval.mean - 0.82).abs() < 1e-12);
        // 4.302653 · 0.02 / √3
        assert!((interval.upper - interval.mean - 0.049_682_75).abs() < 1e-7);
    }
}
