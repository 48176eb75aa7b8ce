//! Integration tests of the training crate.

mod checkpoint;
mod events;
mod optimizer;
mod schedule;
mod trainer;

/// Prints the figure of a test with a number, for `cargo xtask reliability`.
fn figure(test: &str, text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    // A closed output has no reader.
    let _ = writeln!(out, "\nreliability {test}: {text}");
}
