//! Changes that keep a label: a model whose answer follows them has learned something else.
//!
//! The invariance tests of CheckList (Ribeiro et al. 2020, <https://arxiv.org/abs/2005.04118>,
//! §2.2): other names, places and numbers, contractions, punctuation, misspellings. A name for a
//! name keeps a sentiment; whether it keeps a label of yours is for you to say.

mod change;
mod contractions;
mod kind;
mod lists;
mod numbers;
mod punctuation;

pub(super) use change::build;
pub use kind::Invariance;
