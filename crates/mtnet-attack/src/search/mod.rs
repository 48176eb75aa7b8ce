//! Searches: which candidates are asked about, and which are gone on from.
//!
//! A search is a state that is given verdicts and gives the next questions, so that questions of
//! many examples can share a batch.

mod beam;
mod config;
mod context;
mod greedy;
mod importance;
mod kind;

pub use config::{Importance, SearchConfig};
pub(crate) use context::Context;
pub(crate) use kind::{Judged, Search};
