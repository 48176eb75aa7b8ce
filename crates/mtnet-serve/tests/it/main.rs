//! The server from outside: bytes over loopback to a server in this process.

mod answers;
mod bad_requests;
mod client;
mod files;
mod isolation;
mod logs;
mod model;
mod overload;
mod page;
mod questions;
mod slow_clients;
mod stopping;

/// Prints the figure of a test with a number, for `cargo xtask reliability`.
fn figure(test: &str, text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    // A closed output has no reader.
    let _ = writeln!(out, "\nreliability {test}: {text}");
}
