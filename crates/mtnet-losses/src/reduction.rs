//! How the losses of many rows become one number.

/// What becomes of the losses of single rows or elements.
///
/// A missing label never counts: [`None`](Self::None) holds 0 in its place, and
/// [`Mean`](Self::Mean) divides by what is labelled (by its weight, where the loss says so).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// The mean, a scalar; 0 where nothing is labelled.
    #[default]
    Mean,
    /// The sum, a scalar.
    Sum,
    /// Each loss in its place.
    None,
}
