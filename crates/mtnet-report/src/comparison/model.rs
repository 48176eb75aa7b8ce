//! What is drawn of a comparison.

use std::fs;
use std::path::Path;

use super::Advice;
use super::file::CompareFile;
use crate::ReportError;

/// A whole comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Name of the compared run.
    pub run: String,
    /// Level of all intervals.
    pub level: f64,
    /// What all methods had in common, in sentences.
    pub protocol: String,
    /// The tasks in the run file's order.
    pub tasks: Vec<ComparedTask>,
    /// The methods, the judged one first.
    pub methods: Vec<ComparedMethod>,
    /// The scores; a pair of task and method that was not run is absent.
    pub cells: Vec<Cell>,
    /// Mean relative gain over the tasks, Δm (Maninis et al. 2019), of each method, in percent.
    pub delta_m: Vec<MethodDelta>,
    /// What came out for each task.
    pub verdicts: Vec<Verdict>,
    /// What came out of all tasks together, in a sentence.
    pub overall: String,
    /// What was proposed where a task loses, if that was asked for.
    pub advice: Option<Advice>,
}

/// A task and what it is scored by.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedTask {
    /// The task.
    pub name: String,
    /// Name of the metric.
    pub metric: String,
    /// Whether a lower score is the better one.
    pub lower_is_better: bool,
    /// What was scored: `test`, or `dev` where there is no test data.
    pub split: String,
    /// How many examples.
    pub examples: u64,
}

/// A method and what it costs for all tasks together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComparedMethod {
    /// The name that cells refer to.
    pub name: String,
    /// One line about it.
    pub about: String,
    /// How many models answer all tasks.
    pub models: usize,
    /// Numbers in the parameters of all its models.
    pub parameters: u64,
    /// Seconds of training, mean over the seeds.
    pub training_seconds: f64,
    /// Seconds to answer all tasks for 1,000 texts on one thread, where it was measured.
    pub inference_seconds: Option<f64>,
}

/// One method on one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The task.
    pub task: String,
    /// The method.
    pub method: String,
    /// Mean score over the seeds.
    pub score: Interval,
    /// The score of each seed.
    pub seeds: Vec<f64>,
    /// Gain over the single-task models, counted upwards for the better method whatever the
    /// metric's direction; absent for those models themselves.
    pub gain: Option<Interval>,
}

/// A number with the ends of its interval, which one seed does not have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The number.
    pub value: f64,
    /// Lower and upper end.
    pub ends: Option<(f64, f64)>,
}

/// Δm of one method.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodDelta {
    /// The method.
    pub method: String,
    /// Δm in percent, positive where the method is better.
    pub delta: Interval,
}

/// What came out for a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The task.
    pub task: String,
    /// Whether it gained.
    pub gain: Gain,
    /// The same as a sentence.
    pub sentence: String,
}

/// Whether a task gained by sharing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// If it cannot be read, is no comparison, or one of another version.
    pub fn open(path: &Path) -> Result<Self, ReportError> {
        let path = match path.is_dir() {
            true => path.join("compare.json"),
            false => path.to_owned(),
        };
        let text = fs::read_to_string(&path).map_err(ReportError::file("read", &path))?;
        serde_json::from_str::<CompareFile>(&text)
            .and_then(CompareFile::comparison)
            .map_err(|source| ReportError::Comparison { path, source })
    }

    /// The cell of a task and a method.
    pub fn cell(&self, task: &str, method: &str) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|cell| cell.task == task && cell.method == method)
    }
}
