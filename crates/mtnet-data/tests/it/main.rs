//! Files in, packed batches out: the crate as its users see it.

mod bad_rows;
mod config;
mod delimited;
mod formats;
mod joins;
mod labels;
mod loading;
mod messages;
mod mutants;
#[cfg(feature = "parquet")]
mod parquet;
mod sampling;
mod splits;
mod squad;
mod stats;
mod support;
mod words;
