//! Many runs of one program: each in a folder of its own, taken as it is where it is finished, and
//! gone on with where it was stopped.
//!
//! Comparisons and searches are made of such runs. [`Hashes`] names a run by its content,
//! [`KeptRun`] does what is left of it, and [`files`] writes a file whole or not at all.

pub mod files;
mod hashes;
mod kept;

pub use hashes::Hashes;
pub use kept::{Found, KeptRun, drop_checkpoints, with_split};
