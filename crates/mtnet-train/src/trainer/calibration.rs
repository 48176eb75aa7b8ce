//! Calibration after training: a temperature a task, fitted on the development data.
//!
//! Weights and labels stay; of the metrics only those of probabilities change (`log_loss`, and a
//! little the `roc_auc` of more than two classes, which compares examples).

use std::collections::BTreeMap;

use mtnet_core::TaskName;
use mtnet_data::Corpus;
use mtnet_heads::HeadError;
use mtnet_metrics::ProbabilityScores;
use mtnet_model::{Calibration, MultiTaskModel};
use serde::{Deserialize, Serialize};

use super::TrainError;
use super::evaluate::Answers;

/// What calibration did to the probabilities of a task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationResults {
    /// What scores are divided by.
    pub temperature: f64,
    /// On the development split, where it was fitted.
    pub dev: BeforeAndAfter,
    /// On the test split, which it never saw; absent without labels there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<BeforeAndAfter>,
}

/// Scores of probabilities without and with a temperature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeforeAndAfter {
    /// Without.
    pub before: ProbabilityScores,
    /// With.
    pub after: ProbabilityScores,
}

/// Fits a temperature for each task of the model on the examples of `corpus`, and calibrates the
/// model with those found. A task has none if its answers have no probabilities, if fewer than 30
/// rows are labelled, or if no temperature is the best, as where every answer is right.
///
/// # Errors
/// If targets and heads do not fit, a task is calibrated already, or a score is not finite.
pub fn calibrate(
    model: &MultiTaskModel,
    corpus: &Corpus,
    batch_tokens: usize,
) -> Result<BTreeMap<TaskName, Calibration>, TrainError> {
    let answers = Answers::with_scores(model, corpus, batch_tokens)?;
    let mut found = BTreeMap::new();
    for (index, task) in model.tasks().iter().enumerate() {
        let name = &task.spec.name;
        let Some(scores) = answers.scores(index) else {
            continue;
        };
        let fitted = scores.fit().map_err(HeadError::from);
        if let Some(calibration) = fitted.map_err(TrainError::head(name))? {
            task.calibrate(calibration)?;
            found.insert(name.clone(), calibration);
        }
    }
    Ok(found)
}

/// What the temperatures of a model did, on the data they were fitted on and on test answers.
pub(super) fn calibration_results(
    model: &MultiTaskModel,
    test: &Answers,
) -> Result<BTreeMap<TaskName, CalibrationResults>, TrainError> {
    let mut results = BTreeMap::new();
    for (index, task) in model.tasks().iter().enumerate() {
        let Some(calibration) = task.calibration() else {
            continue;
        };
        let name = &task.spec.name;
        let at = |temperature| match test.scores(index) {
            Some(scores) => scores
                .scores(temperature)
                .map_err(HeadError::from)
                .map_err(TrainError::head(name)),
            None => Ok(None),
        };
        let temperature = calibration.temperature();
        let test = at(1.0)?.zip(at(temperature)?);
        let found = CalibrationResults {
            temperature,
            dev: BeforeAndAfter {
                before: calibration.before(),
                after: calibration.after(),
            },
            test: test.map(|(before, after)| BeforeAndAfter { before, after }),
        };
        results.insert(name.clone(), found);
    }
    Ok(results)
}
