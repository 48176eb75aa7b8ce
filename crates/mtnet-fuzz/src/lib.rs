//! What the tests with numbers share: seeded mutants, bodies of fuzz targets, tiers and figures.
//!
//! - [`Mutator`] damages bytes as a function of a seed and a number, so that a failure can be made
//!   again from its message;
//! - [`targets`] are the bodies that `fuzz/` hands to libFuzzer and that ordinary tests run over
//!   mutants of the seed corpus in `fuzz/corpus`;
//! - [`Tier`] says how much of it, and [`figure`] prints what `cargo xtask reliability` collects.
//!
//! No crate that ships depends on this one.

mod figure;
mod memory;
mod mutate;
mod sweep;
pub mod targets;
mod thread_time;
mod tier;

pub use figure::figure;
pub use memory::{peak_memory, reset_peak_memory};
pub use mutate::Mutator;
pub use sweep::{Sweep, corpus, sweep};
pub use thread_time::thread_time;
pub use tier::Tier;
