//! Warnings of the library crates, on standard error.

use std::io;

use tracing_subscriber::EnvFilter;

use super::output::Output;

/// Shows what `filter` says; `MTNET_LOG` (such as `debug` or `mtnet_train=trace`) shows more.
pub fn start(output: &Output, filter: &str) {
    let filter = EnvFilter::try_from_env("MTNET_LOG").unwrap_or_else(|_| EnvFilter::new(filter));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    if output.is_json() {
        builder.json().init();
    } else {
        builder
            .with_ansi(output.has_colors())
            .without_time()
            .with_target(false)
            .init();
    }
}
