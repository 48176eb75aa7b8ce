//! The interval of a share.
//!
//! Wilson 1927, "Probable inference, the law of succession, and statistical inference": the shares
//! that a test at this level would not refuse. Unlike the usual `p ± z·√(p(1−p)/n)` it stays inside
//! 0 to 1 and is of use at both ends, where attacks often are.

/// The 95 % interval of `successes` among `trials`; the whole range where there was no trial.
pub fn wilson(successes: usize, trials: usize) -> (f64, f64) {
    if trials == 0 {
        return (0.0, 1.0);
    }
    // The 97.5th percentile of the standard normal distribution.
    let z = 1.959_963_984_540_054_f64;
    let (n, p) = (trials as f64, successes as f64 / trials as f64);
    let middle = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    let low = ((middle - half) / scale).max(0.0);
    let high = ((middle + half) / scale).min(1.0);
    // Rounding must not shut the share itself out.
    (low.min(p), high.max(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`, scipy 1.17.1.
    #[test]
    fn intervals_are_those_of_scipy() {
        for (successes, trials, low, high) in [
            (0, 10, 0.0, 0.277_532_799_862_889_26),
            (10, 10, 0.722_467_200_137_110_9, 1.0),
            (7, 20, 0.181_191_824_101_082_1, 0.567_145_723_314_763_9),
            (150, 300, 0.443_779_516_133_916_9, 0.556_220_483_866_083_1),
        ] {
            let found = wilson(successes, trials);
            assert!((found.0 - low).abs() < 1e-12, "{found:?}");
            assert!((found.1 - high).abs() < 1e-12, "{found:?}");
        }
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }
}
