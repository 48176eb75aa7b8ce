//! What is measured, by name.

mod aggregation;
mod encoder;
mod kernels;
mod losses;
mod runs;
mod scaling;

use anyhow::Result;

pub use runs::RunSettings;

/// One thing to measure.
pub trait Workload {
    /// Its name: `suite/what`.
    fn name(&self) -> &str;

    /// What a rate counts, such as `tokens`; `None` where the seconds themselves are the result.
    fn unit(&self) -> Option<&'static str>;

    /// Runs once. Gives the seconds, and how many units were worked on.
    ///
    /// # Errors
    /// If it cannot run.
    fn run(&mut self) -> Result<Sample>;
}

/// One run of a workload.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Seconds that it took.
    pub seconds: f64,
    /// Units that were worked on.
    pub amount: f64,
}

/// A workload that is set up when it is its turn.
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Sets it up.
    pub build: Box<dyn Fn() -> Result<Box<dyn Workload>>>,
}

/// All workloads in order.
///
/// # Errors
/// If a run file for the `balance-run` suite cannot be read.
pub fn all(runs: &RunSettings) -> Result<Vec<Entry>> {
    let mut entries = encoder::entries();
    entries.extend(kernels::entries());
    entries.extend(losses::entries());
    entries.extend(scaling::entries());
    entries.extend(aggregation::entries()?);
    entries.extend(runs::entries(runs)?);
    Ok(entries)
}
