//! Files in, packed batches out: the crate as its users see it.

mod config;
mod delimited;
mod formats;
mod joins;
mod labels;
mod loading;
mod messages;
mod mutants;
mod sampling;
mod splits;
mod stats;
mod support;
mod words;
