//! Euclidean projection on the probability simplex.
//!
//! Held, Wolfe and Crowder, "Validation of Subgradient Optimization", Mathematical
//! Programming 1974: subtract the threshold that leaves a sum of 1 above 0.

/// The point of the simplex that lies nearest to `values`.
pub(crate) fn project_on_simplex(values: &[f64]) -> Vec<f64> {
    let mut falling = values.to_vec();
    falling.sort_by(|a, b| b.total_cmp(a));
    let mut sum = 0.0;
    let mut threshold = 0.0;
    for (index, value) in falling.iter().enumerate() {
        sum += value;
        let candidate = (sum - 1.0) / (index + 1) as f64;
        if *value > candidate {
            threshold = candidate;
        }
    }
    values
        .iter()
        .map(|value| (value - threshold).max(0.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_projections() {
        for (point, expected) in [
            (vec![0.2, 0.8], vec![0.2, 0.8]),
            (vec![3.0, 0.0, 1.0], vec![1.0, 0.0, 0.0]),
            (vec![-5.0, -5.0], vec![0.5, 0.5]),
            (vec![0.5, 0.4, -1.0], vec![0.55, 0.45, 0.0]),
        ] {
            for (found, expected) in project_on_simplex(&point).iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-15, "{point:?}");
            }
        }
    }
}
