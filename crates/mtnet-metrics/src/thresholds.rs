//! What is right and wrong when everything from a falling threshold upwards is predicted.

/// Counts of what scores at least the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct AtThreshold {
    pub(crate) false_positives: f64,
    pub(crate) true_positives: f64,
}

/// One entry a distinct score, from the highest down; the last holds everything. Equal scores are
/// one entry, since no threshold parts them.
///
/// No score may be NaN.
pub(crate) fn falling(truth: &[bool], scores: &[f64]) -> Vec<AtThreshold> {
    let mut order: Vec<(f64, bool)> = scores
        .iter()
        // The sum turns −0 into 0, which `total_cmp` tells apart and a threshold does not.
        .map(|score| score + 0.0)
        .zip(truth.iter().copied())
        .collect();
    order.sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut reached = AtThreshold::default();
    order
        .chunk_by(|(a, _), (b, _)| a == b)
        .map(|tied| {
            let positives = tied.iter().filter(|(_, truth)| *truth).count();
            reached.true_positives += positives as f64;
            reached.false_positives += (tied.len() - positives) as f64;
            reached
        })
        .collect()
}
