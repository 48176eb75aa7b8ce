//! Fewer points with the same look: of each run of points the lowest and the highest stay.

/// At most about `most` points. Gaps (values that are no numbers) stay gaps.
pub fn thinned(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    if points.len() <= most {
        return points.to_vec();
    }
    let size = (2 * points.len()).div_ceil(most.max(2));
    let mut kept = Vec::with_capacity(most + 2);
    for run in points.chunks(size) {
        let indices = 0..run.len();
        let low = indices
            .clone()
            .min_by(|&a, &b| run[a].1.total_cmp(&run[b].1));
        let high = indices.max_by(|&a, &b| run[a].1.total_cmp(&run[b].1));
        if let (Some(low), Some(high)) = (low, high) {
            kept.push(run[low.min(high)]);
            if low != high {
                kept.push(run[low.max(high)]);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_and_gaps_stay() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|x| (f64::from(x), 0.5)).collect();
        points[4321].1 = 9.0;
        points[7777].1 = -3.0;
        points[9000].1 = f64::NAN;
        let kept = thinned(&points, 400);
        assert!(kept.len() <= 401, "{}", kept.len());
        assert!(kept.contains(&(4321.0, 9.0)) && kept.contains(&(7777.0, -3.0)));
        assert!(kept.iter().any(|point| point.1.is_nan()));
        assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
    }
}
