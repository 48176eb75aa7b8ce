//! What can be wrong with what a loss is handed.

use candle_core::DType;

/// Why a loss could not be computed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LossError {
    /// A tensor of another shape than the loss reads.
    #[error("{what} have shape {found:?}, expected {expected}")]
    Shape {
        /// Which tensor.
        what: &'static str,
        /// The shape it has.
        found: Vec<usize>,
        /// The shape it should have.
        expected: String,
    },
    /// Predictions that are no floating-point numbers.
    #[error("{what} are of type {found:?}, expected f64, f32, bf16 or f16")]
    NotFloat {
        /// Which tensor.
        what: &'static str,
        /// The type it has.
        found: DType,
    },
    /// More or fewer targets than rows of predictions.
    #[error("{targets} targets for {rows} rows of predictions, expected one a row")]
    TargetCount {
        /// Rows of the predictions.
        rows: usize,
        /// Targets given.
        targets: usize,
    },
    /// Values that do not fill a matrix of the stated width, or a mask of another length.
    #[error("{found} {what} do not fill rows of {columns} columns, expected {expected}")]
    Ragged {
        /// `target values` or `mask entries`.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// Width of a row.
        columns: usize,
        /// What their number should be.
        expected: String,
    },
    /// A class that the logits have no column for.
    #[error(
        "target of row {row} is class {label}, but the logits have {classes} classes; mark a missing label with the ignored label"
    )]
    ClassOutOfRange {
        /// Row of the target.
        row: usize,
        /// The class.
        label: u32,
        /// Columns of the logits.
        classes: usize,
    },
    /// A target that no gradient could be taken towards.
    #[error(
        "target of row {row}, column {column} is {value}, expected {expected}; mask it if it is missing"
    )]
    TargetValue {
        /// Row of the target.
        row: usize,
        /// Column of the target.
        column: usize,
        /// The value.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// Class probabilities that do not sum to one.
    #[error("target probabilities of row {row} sum to {sum}, expected 1; divide them by their sum")]
    NotADistribution {
        /// Row of the target.
        row: usize,
        /// What they sum to.
        sum: f64,
    },
    /// A row of class probabilities with only some of them missing.
    #[error(
        "row {row} has {present} of {columns} class probabilities, expected all of them or none"
    )]
    PartlyMissing {
        /// Row of the target.
        row: usize,
        /// How many are there.
        present: usize,
        /// How many there should be.
        columns: usize,
    },
    /// A row of scores or of another model's logits with a NaN or an infinity.
    #[error("{what}: row {row} holds a value that is not finite")]
    NotFinite {
        /// Which scores.
        what: &'static str,
        /// The row.
        row: usize,
    },
    /// Borders that do not cut the rows into consecutive sequences.
    #[error(
        "sequence offsets {found:?} do not cut {rows} rows, expected to start at 0, never to fall and to end at {rows}"
    )]
    Offsets {
        /// The offsets.
        found: Vec<u32>,
        /// Rows to cut.
        rows: usize,
    },
    /// More or fewer weights than classes or labels.
    #[error("{setting} has {found} weights, expected {expected}, one a label")]
    WeightCount {
        /// Which weights.
        setting: &'static str,
        /// How many were given.
        found: usize,
        /// How many are needed.
        expected: usize,
    },
    /// A setting outside its range.
    #[error("{setting} is {found}, expected {expected}")]
    Setting {
        /// Name of the setting, as in a run file.
        setting: &'static str,
        /// What was given.
        found: String,
        /// Its range.
        expected: &'static str,
    },
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}
