//! Exported models compute what the model computes, and what cannot be exported is refused.

mod hf;
mod onnx;
mod runtime;
mod support;

/// Prints the figure of a test with a number, for `cargo xtask reliability`.
fn figure(test: &str, text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    // A closed output has no reader.
    let _ = writeln!(out, "\nreliability {test}: {text}");
}
