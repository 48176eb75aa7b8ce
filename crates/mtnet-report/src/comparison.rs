//! `compare.json`: several methods on the same tasks over seeds, as `mtnet compare` finds them.
//!
//! Scores are fractions in the metric's own direction. A difference Δ is `method − baseline`, so
//! that for a metric of which lower is better a gain is negative; `gain` in [`Verdict`] has judged
//! that already. Only `tasks`, `methods` and `cells` must be there. `docs/report.md` describes the
//! file for other programs.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::ReportError;

/// A whole comparison.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Version of the format: 1.
    #[serde(default = "first_format")]
    pub format: u32,
    /// Name of the compared run.
    #[serde(default)]
    pub run: String,
    /// The method that differences are taken to; usually `single-task`.
    #[serde(default)]
    pub baseline: Option<String>,
    /// Level of all intervals. Default 0.95.
    #[serde(default = "usual_level")]
    pub level: f64,
    /// What all methods had in common: budget and selection rule, in a sentence.
    #[serde(default)]
    pub protocol: Option<String>,
    /// The tasks in the run file's order.
    pub tasks: Vec<ComparedTask>,
    /// The methods in the order that they are shown in.
    pub methods: Vec<ComparedMethod>,
    /// The scores; a pair of task and method that was not run is absent.
    pub cells: Vec<Cell>,
    /// Mean relative difference over the tasks, Δm (Maninis et al. 2019), of each method.
    #[serde(default)]
    pub delta_m: Vec<MethodDelta>,
    /// A sentence a task.
    #[serde(default)]
    pub verdicts: Vec<Verdict>,
}

/// A task and what it is scored by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedTask {
    /// The task.
    pub name: String,
    /// Name of the metric.
    pub metric: String,
    /// Whether a lower score is the better one.
    #[serde(default)]
    pub lower_is_better: bool,
}

/// A method and what it costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparedMethod {
    /// The name that cells refer to.
    pub name: String,
    /// Numbers in all parameters of whatever answers all tasks.
    #[serde(default)]
    pub parameters: Option<u64>,
    /// Seconds of training for all tasks, mean over the seeds.
    #[serde(default)]
    pub training_seconds: Option<f64>,
    /// Seconds to answer all tasks for 1,000 texts.
    #[serde(default)]
    pub inference_seconds: Option<f64>,
}

/// One method on one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The task.
    pub task: String,
    /// The method.
    pub method: String,
    /// Mean score over the seeds with its interval.
    pub score: Estimate,
    /// The score of each seed.
    #[serde(default)]
    pub seeds: Vec<SeedScore>,
    /// Difference to the baseline with its paired interval; absent for the baseline itself.
    #[serde(default)]
    pub delta: Option<Estimate>,
}

/// A number with an interval, whose ends may be missing (one seed has no interval).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end.
    #[serde(default)]
    pub lower: Option<f64>,
    /// Upper end.
    #[serde(default)]
    pub upper: Option<f64>,
}

/// The score of one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedScore {
    /// The seed.
    pub seed: u64,
    /// The score.
    pub score: f64,
    /// The run folder, relative to the comparison's own.
    #[serde(default)]
    pub run: Option<String>,
}

/// Δm of one method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodDelta {
    /// The method.
    pub method: String,
    /// Δm as a fraction, positive where the method is better.
    pub delta: Estimate,
}

/// What came out for a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The task.
    pub task: String,
    /// Whether it gained.
    pub gain: Gain,
    /// The sentence.
    #[serde(default)]
    pub text: String,
}

/// Whether a task gained by sharing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gain {
    /// Better, and the interval excludes zero.
    Gained,
    /// Worse, and the interval excludes zero.
    Lost,
    /// The interval holds zero.
    NoDifference,
}

impl Comparison {
    /// Reads a file, or `compare.json` in a folder.
    ///
    /// # Errors
    /// If it cannot be read or is no comparison.
    pub fn open(path: &Path) -> Result<Self, ReportError> {
        let path = match path.is_dir() {
            true => path.join("compare.json"),
            false => path.to_owned(),
        };
        let text = fs::read_to_string(&path).map_err(ReportError::file("read", &path))?;
        serde_json::from_str(&text).map_err(|source| ReportError::Comparison { path, source })
    }

    /// The cell of a task and a method.
    pub fn cell(&self, task: &str, method: &str) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|cell| cell.task == task && cell.method == method)
    }
}

impl Estimate {
    /// Both ends, where both are known.
    pub fn interval(&self) -> Option<(f64, f64)> {
        Some((self.lower?, self.upper?))
    }
}

fn first_format() -> u32 {
    1
}

fn usual_level() -> f64 {
    0.95
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_file_is_enough_and_a_whole_one_survives() {
        let least = r#"{"tasks":[{"name":"a","metric":"accuracy"}],"methods":[{"name":"shared"}],
            "cells":[{"task":"a","method":"shared","score":{"value":0.5}}]}"#;
        let read: Comparison = serde_json::from_str(least).unwrap();
        assert_eq!((read.format, read.level), (1, 0.95));
        assert_eq!(read.cell("a", "shared").unwrap().score.interval(), None);
        let text = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Comparison>(&text).unwrap(), read);
    }
}
