//! Intervals: of a mean over seeds, and of a share of examples.
//!
//! ```text
//! seeds:  mean ± t₀.₉₇₅(n − 1) · s / √n
//! share:  (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)        z = 1.96
//! ```
//!
//! The first is Student's (1908); the second Wilson's (1927, *Probable inference, the law of
//! succession, and statistical inference*), which stays inside 0 and 1.

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
    let count = values.len();
    if count < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / (count - 1) as f64).sqrt();
    let half = student(count - 1) * deviation / (count as f64).sqrt();
    Some(Interval {
        mean,
        lower: mean - half,
        upper: mean + half,
        count,
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

/// The 0.975 quantile of Student's distribution. Up to 10 degrees of freedom from the published
/// table; beyond it by the expansion of Cornish and Fisher in the normal quantile, which is right
/// to four digits there (Abramowitz & Stegun 1964, 26.7.5).
fn student(degrees: usize) -> f64 {
    const TABLE: [f64; 10] = [
        12.706_204_736,
        4.302_652_73,
        3.182_446_305,
        2.776_445_105,
        2.570_581_836,
        2.446_911_851,
        2.364_624_252,
        2.306_004_135,
        2.262_157_163,
        2.228_138_852,
    ];
    if let Some(quantile) = TABLE.get(degrees.saturating_sub(1)) {
        return *quantile;
    }
    let (z, d) = (1.959_963_984_540_054_f64, degrees as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + first / d + second / d.powi(2) + third / d.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.t.ppf(0.975, d)` and `statsmodels`' `proportion_confint(r, n, method="wilson")`.
    #[test]
    fn quantiles_and_shares_agree_with_scipy() {
        for (degrees, expected) in [
            (1, 12.706_205),
            (10, 2.228_139),
            (11, 2.200_985),
            (29, 2.045_230),
            (200, 1.971_896),
        ] {
            assert!((student(degrees) - expected).abs() < 2e-4, "{degrees}");
        }
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
