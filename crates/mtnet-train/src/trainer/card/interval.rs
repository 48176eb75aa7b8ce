//! How far a share of right answers is known from so many texts.

/// The 95 % interval of a share seen in `count` independent trials, by the score method (Wilson
/// 1927, JASA 22), `None` without any.
pub(super) fn wilson(share: f64, count: usize) -> Option<(f64, f64)> {
    if count == 0 || !(0.0..=1.0).contains(&share) {
        return None;
    }
    // The 97.5 % point of the standard normal distribution.
    let (z, n) = (1.959_963_984_540_054_f64, count as f64);
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let (centre, scale) = (share + z * z / (2.0 * n), 1.0 + z * z / n);
    Some((
        ((centre - spread) / scale).max(0.0),
        ((centre + spread) / scale).min(1.0),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        // scipy.stats.binomtest(k, n).proportion_ci(method="wilson"), version 1.17.1.
        for (right, count, low, high) in [
            (0, 10, 0.0, 0.277_532_799_863),
            (7, 10, 0.396_778_147_461, 0.892_208_732_594),
            (446, 500, 0.861_745_326_715, 0.916_277_190_363),
        ] {
            let (found_low, found_high) = wilson(f64::from(right) / count as f64, count).unwrap();
            assert!(
                (found_low - low).abs() < 1e-10,
                "{right} of {count}: {found_low}"
            );
            assert!(
                (found_high - high).abs() < 1e-10,
                "{right} of {count}: {found_high}"
            );
        }
        assert_eq!(wilson(0.5, 0), None);
    }
}
