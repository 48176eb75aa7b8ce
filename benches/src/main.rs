//! `cargo xtask bench`: throughput on named inputs, saved as a baseline and compared with one.
//!
//! Numbers are real (unpadded) tokens a second: smallest, median and largest of the runs that are
//! counted, after one that is not.

mod inputs;
mod report;
mod workloads;

use std::io::Write;

use anyhow::{Context, Result};
use clap::Parser;

use report::{Measurement, Report};

/// Measures training steps and forward passes of a small encoder.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    /// Only workloads whose name contains this.
    filter: Option<String>,
    /// Counted runs of each workload.
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Keeps the numbers as a baseline of this name.
    #[arg(long)]
    save: Option<String>,
    /// Prints the ratio to the baseline of this name.
    #[arg(long)]
    compare: Option<String>,
}

fn main() -> Result<()> {
    mtnet_kernels::prepare_process();
    let arguments = Arguments::parse();
    let baseline = arguments.compare.as_deref().map(Report::load).transpose()?;
    let mut report = Report::new();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", report.setting())?;
    for workload in workloads::all() {
        if arguments
            .filter
            .as_ref()
            .is_some_and(|filter| !workload.name().contains(filter.as_str()))
        {
            continue;
        }
        let seconds = workload
            .measure(arguments.runs)
            .with_context(|| format!("workload {}", workload.name()))?;
        let measurement = Measurement::new(workload.name(), workload.tokens(), seconds);
        let before = baseline
            .as_ref()
            .and_then(|baseline| baseline.get(workload.name()));
        writeln!(out, "{}", measurement.line(before))?;
        report.add(measurement);
    }
    if let Some(name) = &arguments.save {
        writeln!(out, "saved as {}", report.save(name)?.display())?;
    }
    Ok(())
}
