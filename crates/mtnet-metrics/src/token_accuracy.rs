//! Token accuracy: the share of tokens with the right tag, over all sequences together.

use crate::{MetricError, checks};

/// Share of tokens whose predicted tag equals the true one. Long sequences weigh more.
///
/// # Errors
/// If there are no tokens, or the sequences differ in number or length.
pub fn token_accuracy<T: PartialEq<U>, U, A: AsRef<[T]>, B: AsRef<[U]>>(
    truth: &[A],
    predicted: &[B],
) -> Result<f64, MetricError> {
    checks::paired_sequences("predicted sequences", predicted, "true sequences", truth)?;
    let mut right = 0;
    let mut total = 0;
    for (truth, predicted) in truth.iter().zip(predicted) {
        let pairs = truth.as_ref().iter().zip(predicted.as_ref());
        right += pairs
            .filter(|(truth, predicted)| truth == predicted)
            .count();
        total += truth.as_ref().len();
    }
    checks::not_empty("tokens", total)?;
    Ok(right as f64 / total as f64)
}
