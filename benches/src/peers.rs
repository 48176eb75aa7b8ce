//! Our workloads and the same work in Python, run by run in turn: what a ratio is worth on a machine
//! that is never quiet.
//!
//! Every round measures each side once; a ratio is that of one round, and its median and extremes are
//! over the rounds. A Python program runs in a process of its own, warm-up included, and reports the
//! time of its steps alone.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::suites::Entry;

/// A peer of a workload: the workload, the program, and its mode.
type Peer = (&'static str, &'static str, &'static str);

const TRAIN: &str = "train_step.py";
const INFERENCE: &str = "inference.py";

/// Workloads of `encoder/minilm-384x6/` with what they are held against.
const PEERS: [Peer; 31] = [
    ("train", TRAIN, "f32-sdpa-padded"),
    ("train", TRAIN, "f32-eager-padded"),
    ("train", TRAIN, "f32-sdpa-grouped"),
    ("train", TRAIN, "f32-eager-grouped"),
    ("train", TRAIN, "bf16-sdpa-padded"),
    ("train", TRAIN, "bf16-eager-padded"),
    ("train", TRAIN, "bf16-eager-grouped"),
    ("train-bf16", TRAIN, "bf16-sdpa-padded"),
    ("train-bf16", TRAIN, "bf16-eager-padded"),
    ("train-bf16", TRAIN, "bf16-eager-grouped"),
    ("answer", INFERENCE, "torch-f32-sdpa/padded"),
    ("answer", INFERENCE, "torch-bf16-sdpa/padded"),
    ("answer", INFERENCE, "onnx-f32/padded"),
    ("answer", INFERENCE, "onnx-int8/padded"),
    ("answer", INFERENCE, "torch-f32-sdpa/grouped"),
    ("answer", INFERENCE, "onnx-f32/grouped"),
    ("answer-int8", INFERENCE, "torch-f32-sdpa/padded"),
    ("answer-int8", INFERENCE, "torch-bf16-sdpa/padded"),
    ("answer-int8", INFERENCE, "onnx-f32/padded"),
    ("answer-int8", INFERENCE, "onnx-int8/padded"),
    ("answer-int8", INFERENCE, "torch-f32-sdpa/grouped"),
    ("answer-int8", INFERENCE, "onnx-int8/grouped"),
    ("answer-int8", INFERENCE, "onnx-int8-fused/grouped"),
    ("answer-bf16", INFERENCE, "torch-bf16-sdpa/padded"),
    ("answer-one", INFERENCE, "torch-f32-sdpa/single"),
    ("answer-one", INFERENCE, "onnx-f32/single"),
    ("answer-one-bf16", INFERENCE, "torch-bf16-sdpa/single"),
    ("answer-one-bf16", INFERENCE, "onnx-f32/single"),
    ("answer-one-int8", INFERENCE, "onnx-f32/single"),
    ("answer-one-int8", INFERENCE, "onnx-int8/single"),
    ("answer-one-int8", INFERENCE, "onnx-int8-fused/single"),
];

/// Measures the peers of the chosen workloads for some rounds and prints a line for each.
///
/// # Errors
/// If none of the workloads has a peer, or a program fails.
pub fn run(python: &Path, chosen: &[Entry], rounds: u16, out: &mut impl Write) -> Result<()> {
    let of = |workload: &str| {
        let name = format!("encoder/minilm-384x6/{workload}");
        chosen.iter().find(|entry| entry.name == name)
    };
    let pairs: Vec<(&Peer, &Entry)> = PEERS
        .iter()
        .filter_map(|peer| Some((peer, of(peer.0)?)))
        .collect();
    ensure!(
        !pairs.is_empty(),
        "only workloads of `encoder/minilm-384x6/` have peers"
    );
    let scratch = tempfile::tempdir()?;
    let programs = Programs {
        python,
        artifacts: scratch.path(),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    if pairs
        .iter()
        .any(|((_, _, mode), _)| mode.starts_with("onnx"))
    {
        programs.child(INFERENCE, "export")?;
    }
    let mut ours = BTreeMap::new();
    for (peer, entry) in &pairs {
        if !ours.contains_key(peer.0) {
            let mut workload = (entry.build)()?;
            workload.run()?;
            ours.insert(peer.0, workload);
        }
    }
    let mut samples = vec![Vec::new(); pairs.len()];
    for _ in 0..rounds {
        for ((peer, _), samples) in pairs.iter().zip(&mut samples) {
            let (workload, script, mode) = **peer;
            let Some(workload) = ours.get_mut(workload) else {
                continue;
            };
            // Ours before and after, so that a machine that slows down meanwhile favours nobody.
            let before = workload.run()?;
            let theirs = programs.child(script, mode)?.rate()?;
            let after = workload.run()?;
            let rate = (before.amount + after.amount) / (before.seconds + after.seconds);
            samples.push([rate / theirs, rate, theirs]);
        }
    }
    for ((peer, _), samples) in pairs.iter().zip(samples) {
        let middle = |which: usize| {
            let mut values: Vec<f64> = samples.iter().map(|sample| sample[which]).collect();
            values.sort_by(f64::total_cmp);
            (
                values[0],
                values[values.len() / 2],
                values[values.len() - 1],
            )
        };
        let ((least, ratio, most), (_, ours, _), (_, theirs, _)) =
            (middle(0), middle(1), middle(2));
        let (workload, _, mode) = peer;
        writeln!(
            out,
            "{workload:<16} {ours:>8.0}  {mode:<26} {theirs:>8.0}  {ratio:.2}x ({least:.2} to {most:.2})"
        )?;
    }
    Ok(())
}

/// How the Python programs are called.
struct Programs<'a> {
    python: &'a Path,
    artifacts: &'a Path,
    threads: usize,
}

/// What one mode of a program measured.
#[derive(Deserialize)]
struct Measured {
    error: Option<String>,
    #[serde(default)]
    tokens: Vec<f64>,
    #[serde(default)]
    texts: Vec<f64>,
    #[serde(default)]
    milliseconds: Vec<f64>,
    #[serde(default)]
    forward_ms: Vec<f64>,
    #[serde(default)]
    backward_ms: Vec<f64>,
    #[serde(default)]
    optimizer_ms: Vec<f64>,
}

impl Measured {
    /// Texts a second of answers, tokens a second of training steps.
    fn rate(&self) -> Result<f64> {
        if let Some(error) = &self.error {
            bail!("{error}");
        }
        let (amount, times) = if self.texts.is_empty() {
            (
                &self.tokens,
                [&self.forward_ms, &self.backward_ms, &self.optimizer_ms],
            )
        } else {
            (
                &self.texts,
                [&self.milliseconds, &self.forward_ms, &self.backward_ms],
            )
        };
        let milliseconds: f64 = times.into_iter().flatten().sum();
        ensure!(milliseconds > 0.0, "a program measured nothing");
        Ok(1e3 * amount.iter().sum::<f64>() / milliseconds)
    }
}

impl Programs<'_> {
    fn child(&self, script: &str, mode: &str) -> Result<Measured> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peers");
        let threads = self.threads.to_string();
        let mut command = Command::new(self.python);
        command
            .arg(folder.join(script))
            .args(["--child", mode, "--threads", &threads, "--steps", "8"])
            .envs([("OMP_NUM_THREADS", &threads), ("MKL_NUM_THREADS", &threads)])
            .envs([("HF_HUB_OFFLINE", "1"), ("PYTHONWARNINGS", "ignore")]);
        if script == INFERENCE {
            let artifacts = self.artifacts.as_os_str();
            command
                .args(["--single-texts", "32", "--artifacts"])
                .arg(artifacts);
        }
        let output = command
            .output()
            .with_context(|| format!("starting {}", self.python.display()))?;
        let told = String::from_utf8_lossy(&output.stdout);
        let last = told.lines().last().unwrap_or_default();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            let error = errors.lines().last().unwrap_or("it said nothing");
            bail!("{script} {mode}: {error}");
        }
        serde_json::from_str(last).with_context(|| format!("{script} {mode}: {last:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_come_from_what_the_programs_print() {
        let rate = |text: &str| {
            let measured: Measured = serde_json::from_str(text).expect("JSON");
            measured.rate()
        };
        let step = r#"{"forward_ms": [1, 2], "backward_ms": [3, 3], "optimizer_ms": [0.5, 0.5],
            "tokens": [10, 20], "losses": [1.0, 1.0], "peak_rss_mb": 3}"#;
        assert_eq!(rate(step).expect("a rate"), 3000.0);
        let texts = r#"{"texts": [32], "tokens": [900], "milliseconds": [64], "first_logits": []}"#;
        assert_eq!(rate(texts).expect("a rate"), 500.0);
        assert!(rate(r#"{"error": "no torch"}"#).is_err());
        assert!(rate(r#"{"export": 1}"#).is_err());
    }
}
