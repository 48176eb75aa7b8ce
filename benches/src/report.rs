//! Numbers with their setting, as lines for a person and as a file to compare with.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::suites::Sample;

/// One workload's rate, or its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measurement {
    /// Name of the workload.
    pub name: String,
    /// What the values count: `tokens/s`, or `s` for a time.
    unit: String,
    /// Smallest, middle and largest of the counted runs.
    values: [f64; 3],
}

impl Measurement {
    /// From the counted runs, at least one; `unit` is what a rate counts.
    pub fn new(name: &str, unit: Option<&str>, samples: &[Sample]) -> Self {
        let mut values: Vec<f64> = samples
            .iter()
            .map(|sample| match unit {
                Some(_) => sample.amount / sample.seconds.max(1e-12),
                None => sample.seconds,
            })
            .collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Self {
            name: name.to_owned(),
            unit: unit.map_or_else(|| "s".to_owned(), |unit| format!("{unit}/s")),
            values: [
                at(0),
                at(values.len() / 2),
                at(values.len().saturating_sub(1)),
            ],
        }
    }

    /// For a person, with the ratio to a baseline.
    pub fn line(&self, before: Option<&Self>) -> String {
        let [least, median, most] = self.values.map(|value| self.show(value));
        let ratio = before
            .filter(|before| before.unit == self.unit)
            .map(|before| format!("  {:.2}x", self.values[1] / before.values[1]));
        format!(
            "{:<40} {median:>10} {:<9} ({least} to {most}){}",
            self.name,
            if self.unit == "s" {
                ""
            } else {
                self.unit.as_str()
            },
            ratio.unwrap_or_default()
        )
    }

    fn show(&self, value: f64) -> String {
        match self.unit.as_str() {
            "s" if value < 1e-3 => format!("{:.1} µs", 1e6 * value),
            "s" if value < 1.0 => format!("{:.2} ms", 1e3 * value),
            "s" => format!("{value:.2} s"),
            _ if value >= 1e9 => format!("{:.1} G", 1e-9 * value),
            _ if value < 100.0 => format!("{value:.1}"),
            _ => format!("{value:.0}"),
        }
    }
}

/// All measurements with what they were taken on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    version: String,
    platform: String,
    isa: String,
    threads: usize,
    /// The most memory that this process ever had, in MB, where the system tells.
    #[serde(default)]
    peak_resident_mb: Option<u64>,
    measurements: Vec<Measurement>,
}

impl Report {
    /// An empty report of this machine.
    pub fn new() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            isa: mtnet_kernels::isa().as_str().to_owned(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            peak_resident_mb: None,
            measurements: Vec::new(),
        }
    }

    /// What the numbers were taken on.
    pub fn setting(&self) -> String {
        format!(
            "mtnet {} on {}, {}, {} threads",
            self.version, self.platform, self.isa, self.threads
        )
    }

    /// Adds a measurement.
    pub fn add(&mut self, measurement: Measurement) {
        self.measurements.push(measurement);
    }

    /// Notes the memory that all workloads so far have needed, and says so.
    pub fn close(&mut self) -> Option<String> {
        self.peak_resident_mb = peak_resident_mb();
        let peak = self.peak_resident_mb?;
        Some(format!(
            "peak resident memory of this process: {peak} MB, of all its workloads together"
        ))
    }

    /// The measurement of a workload.
    pub fn get(&self, name: &str) -> Option<&Measurement> {
        self.measurements
            .iter()
            .find(|measurement| measurement.name == name)
    }

    /// Writes a baseline.
    pub fn save(&self, name: &str) -> Result<PathBuf> {
        let path = path(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    }

    /// Reads a baseline.
    pub fn load(name: &str) -> Result<Self> {
        let path = path(name);
        let bytes = std::fs::read(&path)
            .with_context(|| format!("reading {}; `--save {name}` makes it", path.display()))?;
        serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))
    }
}

/// `VmHWM` of this process, as the peers report theirs.
fn peak_resident_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024 / 1_000_000)
}

fn path(name: &str) -> PathBuf {
    PathBuf::from("target")
        .join("mtnet-bench")
        .join(format!("{name}.json"))
}
