//! Numbers with their setting, as lines for a person and as a file to compare with.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// One workload's tokens a second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measurement {
    name: String,
    /// Tokens of one run.
    tokens: usize,
    /// Tokens a second in the slowest, the middle and the fastest run.
    tokens_per_second: [f64; 3],
}

impl Measurement {
    /// From the seconds of each run.
    pub fn new(name: &str, tokens: usize, mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        let at = |index: usize| tokens as f64 / seconds[index];
        let (last, middle) = (seconds.len() - 1, seconds.len() / 2);
        Self {
            name: name.to_owned(),
            tokens,
            tokens_per_second: [at(last), at(middle), at(0)],
        }
    }

    /// For a person, with the ratio to a baseline.
    pub fn line(&self, before: Option<&Self>) -> String {
        let [least, median, most] = self.tokens_per_second;
        let ratio = before.map(|before| format!("  {:.2}x", median / before.tokens_per_second[1]));
        format!(
            "{:<24} {median:>8.0} tokens/s  ({least:.0} to {most:.0}){}",
            self.name,
            ratio.unwrap_or_default()
        )
    }
}

/// All measurements with what they were taken on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    version: String,
    platform: String,
    isa: String,
    threads: usize,
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
            measurements: Vec::new(),
        }
    }

    /// What the numbers were taken on.
    pub fn setting(&self) -> String {
        format!(
            "mtnet {} on {}, {}, {} threads, f32",
            self.version, self.platform, self.isa, self.threads
        )
    }

    /// Adds a measurement.
    pub fn add(&mut self, measurement: Measurement) {
        self.measurements.push(measurement);
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

fn path(name: &str) -> PathBuf {
    PathBuf::from("target")
        .join("mtnet-bench")
        .join(format!("{name}.json"))
}
