//! Weights that make rare labels count as much as frequent ones.

/// Weight of each class such that all classes weigh the same in total: `n / (k · count)`.
///
/// `n` is the number of examples and `k` the number of classes that have one (King and Zeng
/// 2001, "Logistic Regression in Rare Events Data"; scikit-learn's `balanced`). The mean weight
/// over the examples is 1. A class without an example gets the neutral weight 1.
///
/// ```
/// use mtnet_losses::balanced_class_weights;
/// assert_eq!(balanced_class_weights(&[30, 10]), [40. / 60., 2.]);
/// ```
pub fn balanced_class_weights(counts: &[u64]) -> Vec<f64> {
    let examples: u64 = counts.iter().sum();
    let seen = counts.iter().filter(|count| **count > 0).count();
    let weight = |&count: &u64| match count {
        0 => 1.,
        _ => examples as f64 / (seen as f64 * count as f64),
    };
    counts.iter().map(weight).collect()
}

/// Weight of the positives of each label such that they weigh as much as its negatives:
/// `(examples - positives) / positives`.
///
/// A label that every example or none has gets the neutral weight 1.
///
/// ```
/// use mtnet_losses::balanced_positive_weights;
/// assert_eq!(balanced_positive_weights(&[10, 40, 0], 50), [4., 0.25, 1.]);
/// ```
pub fn balanced_positive_weights(positives: &[u64], examples: u64) -> Vec<f64> {
    let weight = |&count: &u64| match (count, examples.saturating_sub(count)) {
        (0, _) | (_, 0) => 1.,
        (positives, negatives) => negatives as f64 / positives as f64,
    };
    positives.iter().map(weight).collect()
}
