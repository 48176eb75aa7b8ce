//! Figures of the tests with numbers.

use std::io::Write as _;

/// Prints the figure of a test, such as `figure("R12", "500 of 500 flips noticed")`.
///
/// The line `reliability R12: …` goes to standard output past the capture of the test harness, so
/// that whoever started the tests can read it.
pub fn figure(test: &str, text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    // A closed output has no reader.
    let _ = writeln!(out, "\nreliability {test}: {}", text.as_ref());
}
