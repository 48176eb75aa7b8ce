//! `tune.jsonl`: what happened to each trial, a line each, synced before the search goes on.
//!
//! The first line says which search it is. A last line that a kill or a full disk cut off is taken
//! away when the search goes on; any other line that cannot be read is an error.

mod entry;
mod file;
mod history;

pub use entry::{Entry, Identity, Score};
pub use file::Journal;
pub use history::{History, TrialRecord};
