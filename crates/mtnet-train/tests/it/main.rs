//! Integration tests of the training crate.

mod checkpoint;
mod events;
mod optimizer;
mod schedule;
mod trainer;
