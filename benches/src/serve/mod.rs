//! `serve`: a server under load. One model with four heads against four models with one head each,
//! and, with `--reliability`, how a server behaves when asked for more than it can.

mod client;
mod compare;
mod load;
mod models;
mod reliability;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;

/// What is served and how long it is asked.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeSettings {
    /// Model folder of the `serve` suite; without one a model of MiniLM's sizes with random weights.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Seconds of each measurement of the `serve` suite.
    #[arg(long, default_value_t = 5.0, value_name = "SECONDS")]
    seconds: f64,
    /// Measures a server that runs already, with requests to its `/predict`, instead of ours.
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<SocketAddr>,
    /// Tests a server beyond its limits instead of measuring it: overload, slow clients, stops. Runs
    /// the release build of `mtnet`, which must be there.
    #[arg(long)]
    reliability: bool,
}

/// Runs the suite and prints its tables.
///
/// # Errors
/// If a server cannot be started or answers what it should not.
pub fn run(settings: &ServeSettings, rounds: u16) -> Result<()> {
    match (settings.reliability, settings.address) {
        (true, _) => reliability::run(settings.model.as_deref()),
        (false, Some(address)) => compare::peer(address, settings.seconds, rounds),
        (false, None) => compare::ours(settings.model.as_deref(), settings.seconds, rounds),
    }
}
