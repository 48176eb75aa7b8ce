//! What a model answered for the test data, as it is kept beside the run.

use std::collections::BTreeMap;
use std::path::Path;

use mtnet_core::{Split, TaskName};
use mtnet_heads::Answer;
use mtnet_train::runs::files;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::CompareError;

/// `answers.json`: everything that a comparison needs of a finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestAnswers {
    /// Answers by task.
    pub tasks: BTreeMap<TaskName, TaskAnswers>,
    /// Seconds of training and evaluation.
    pub seconds: f64,
    /// Numbers in all parameters.
    pub parameters: u64,
    /// Optimizer steps; 0 for a baseline without any.
    pub steps: u64,
    /// What was chosen on the development data.
    pub chosen: String,
}

/// Answers of one task in the order of the examples that have a target for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskAnswers {
    /// The split that was answered: test, or development data where there is no test data.
    pub split: Split,
    /// What each column means.
    pub labels: Vec<String>,
    /// The answers.
    pub answers: Vec<Answer>,
}

/// Reads a JSON file of ours, `None` where there is none.
///
/// # Errors
/// If it cannot be read, or does not say what it should.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, CompareError> {
    Ok(files::read_json(path)?)
}

/// Writes a file whole or not at all, into a folder that is made if need be.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), CompareError> {
    Ok(files::write(path, bytes)?)
}

/// Writes a value as JSON, as `write` does.
///
/// # Errors
/// If it cannot be written.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), CompareError> {
    Ok(files::write_json(path, value)?)
}
