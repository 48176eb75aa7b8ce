//! `cargo xtask bench`: rates and times on named inputs, saved as a baseline and compared with one.
//!
//! Each number is the median of the runs that are counted, after one that is not, with the
//! smallest and the largest beside it. Workloads of one filter take turns, run by run, so that a
//! machine that slows down does so for all of them.

mod inputs;
mod peers;
mod report;
mod serve;
mod suites;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use report::{Measurement, Report};
use serve::ServeSettings;
use suites::RunSettings;

/// Measures encoders, balancing, whole steps and, named `serve`, a server.
#[derive(Parser)]
#[command(name = "bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// Only workloads whose name contains one of these, such as `encoder/minilm` or `balance/`.
    /// `peers` measures the workloads of `encoder/minilm-384x6/` in turn with the same work in
    /// Python, and prints ratios.
    names: Vec<String>,
    /// The interpreter of `peers`: Python with what `benches/peers/README.md` names.
    #[arg(long, value_name = "PYTHON", conflicts_with_all = ["json", "save", "against"])]
    python: Option<PathBuf>,
    /// Counted runs of each workload.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// Prints one JSON object instead of lines.
    #[arg(long)]
    json: bool,
    /// Names the workloads and runs none.
    #[arg(long)]
    list: bool,
    /// Keeps the numbers as a baseline of this name.
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    /// Prints the ratio to the baseline of this name.
    #[arg(long, value_name = "NAME")]
    against: Option<String>,
    #[command(flatten)]
    run: RunSettings,
    #[command(flatten)]
    serve: ServeSettings,
}

fn main() -> Result<()> {
    mtnet_kernels::prepare_process();
    let mut arguments = Arguments::parse();
    // A server is measured by tables of its own.
    if arguments.names == ["serve"] {
        return serve::run(&arguments.serve, arguments.runs);
    }
    let names = arguments.names.len();
    arguments.names.retain(|name| name != "peers");
    let peers = arguments.names.len() < names;
    let baseline = arguments.against.as_deref().map(Report::load).transpose()?;
    let mut entries = suites::all(&arguments.run)?;
    let wanted = |name: &str| {
        arguments
            .names
            .iter()
            .any(|part| name.contains(part.as_str()))
    };
    entries.retain(|entry| arguments.names.is_empty() || wanted(&entry.name));
    ensure!(
        !entries.is_empty(),
        "no workload has such a name; `--list` names them all"
    );
    let mut out = std::io::stdout().lock();
    if arguments.list {
        for entry in &entries {
            writeln!(out, "{}", entry.name)?;
        }
        return Ok(());
    }
    let mut report = Report::new();
    if peers {
        let python = arguments.python.as_deref().context(
            "`peers` needs --python PYTHON; benches/peers/README.md says what it must have",
        )?;
        return peers::run(python, &entries, arguments.runs, &mut out);
    }
    if !arguments.json {
        writeln!(out, "{}", report.setting())?;
    }
    // Workloads of one group are compared with each other: they take turns.
    for group in entries.chunk_by(|left, right| group_of(&left.name) == group_of(&right.name)) {
        for measurement in measure(group, arguments.runs)? {
            let before = baseline
                .as_ref()
                .and_then(|baseline| baseline.get(&measurement.name));
            if !arguments.json {
                writeln!(out, "{}", measurement.line(before))?;
            }
            report.add(measurement);
        }
    }
    let memory = report.close();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else if let Some(memory) = memory {
        writeln!(out, "{memory}")?;
    }
    if let Some(name) = &arguments.save {
        writeln!(out, "saved as {}", report.save(name)?.display())?;
    }
    Ok(())
}

/// The name without its last part.
fn group_of(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(group, _)| group)
}

fn measure(group: &[suites::Entry], runs: u16) -> Result<Vec<Measurement>> {
    let build =
        |entry: &suites::Entry| (entry.build)().with_context(|| format!("workload {}", entry.name));
    let mut workloads = group.iter().map(build).collect::<Result<Vec<_>>>()?;
    let mut samples = vec![Vec::new(); workloads.len()];
    for run in 0..=runs {
        for (workload, samples) in workloads.iter_mut().zip(&mut samples) {
            let name = workload.name().to_owned();
            let sample = workload.run().with_context(|| format!("workload {name}"))?;
            if run > 0 {
                samples.push(sample);
            }
        }
    }
    let pairs = workloads.iter().zip(samples);
    Ok(pairs
        .map(|(workload, samples)| Measurement::new(workload.name(), workload.unit(), &samples))
        .collect())
}
