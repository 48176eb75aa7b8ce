//! Losses against published implementations, finite differences and their own rules.

mod config;
mod crf;
mod gradients;
mod masking;
mod oracle;
mod oracle_cases;
mod precision;
mod refusals;
mod span;
mod stability;
mod support;
