//! Why a solver has no answer.

/// A solver did not reach its tolerance, or there is nothing to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SolveError(pub(crate) &'static str);
