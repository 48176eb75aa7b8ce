//! What can be wrong with a head and what it is handed.

use mtnet_losses::LossError;
use mtnet_metrics::MetricError;

/// Why a head could not be made, or could not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// A head type that nobody registered.
    #[error("unknown head `{found}`{}; known are {known}", hint(.nearest))]
    UnknownKind {
        /// The type as given.
        found: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// All known ones.
        known: String,
    },
    /// Settings that the head's type does not take.
    #[error("head `{kind}`: {message}")]
    Settings {
        /// Type of the head.
        kind: String,
        /// What is wrong with them.
        message: String,
    },
    /// Too few labels or targets for the head.
    #[error("a {kind} head needs at least {expected} {what}, found {found}")]
    TooFewColumns {
        /// Type of the head.
        kind: &'static str,
        /// `labels` or `targets`.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many it needs.
        expected: usize,
    },
    /// Targets, answers or rows that do not belong to this kind of head.
    #[error("a {kind} head expects {expected}, found {found}")]
    Mismatch {
        /// Type of the head.
        kind: &'static str,
        /// What it reads.
        expected: &'static str,
        /// What it was given.
        found: String,
    },
    /// The loss refused its targets or settings.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// The metrics refused answers and targets.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

fn hint(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|word| format!(", did you mean `{word}`"))
        .unwrap_or_default()
}
