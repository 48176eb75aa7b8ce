//! The sampler as a run file states it.

use std::collections::BTreeMap;

use mtnet_core::{TaskName, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::DataError;

/// How an epoch is shared out between tasks.
///
/// What is shared out are sampling groups: tasks that have targets on the same examples are drawn
/// together, since an example carries all of its targets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SamplerConfig {
    /// The strategy. Default `proportional`: every example once an epoch.
    #[serde(default)]
    pub strategy: Strategy,
    /// Temperature of `temperature`, at least 1: 1 is proportional, infinity uniform. Default 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Whether the temperature falls in equal steps from its value in the first epoch to 1 in the
    /// last. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anneal: bool,
    /// Weights of `weights` by task; a task that is not listed has weight 1, and a group the
    /// largest of its tasks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, f64>")]
    pub weights: BTreeMap<TaskName, f64>,
    /// Examples drawn an epoch. Default as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples_per_epoch: Option<usize>,
}

/// How large each group's share of an epoch is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Strategy {
    /// By the number of its examples.
    #[default]
    Proportional,
    /// The same for every group, at random places of the epoch.
    Uniform,
    /// By the number of its examples to the power of 1 / temperature (Arivazhagan et al. 2019,
    /// §4.2, <https://arxiv.org/abs/1907.05019>; Sanh et al. 2019 anneal it).
    Temperature,
    /// By weights of its tasks.
    Weights,
    /// The same for every group, strictly in turn.
    RoundRobin,
}

impl SamplerConfig {
    /// Looks for settings that contradict each other or name no task.
    ///
    /// # Errors
    /// [`DataError::Sampler`] with the first one.
    pub fn check<'a>(&self, tasks: impl Iterator<Item = &'a TaskName>) -> Result<(), DataError> {
        let tasks: Vec<&TaskName> = tasks.collect();
        match self.problem(&tasks) {
            Some((key, problem)) => Err(DataError::Sampler { key, problem }),
            None => Ok(()),
        }
    }

    fn problem(&self, tasks: &[&TaskName]) -> Option<(&'static str, String)> {
        let belongs = |key, strategy: &str| {
            let problem = format!("only for `strategy = \"{strategy}\"`; set it or remove the key");
            Some((key, problem))
        };
        if self.strategy != Strategy::Temperature {
            if self.temperature.is_some() {
                return belongs("temperature", "temperature");
            }
            if self.anneal {
                return belongs("anneal", "temperature");
            }
        }
        if let Some(found) = self.temperature
            && !(found >= 1.0 && found.is_finite())
        {
            return Some((
                "temperature",
                format!(
                    "found {found}, expected a number from 1 (proportional) upwards (towards uniform)"
                ),
            ));
        }
        if self.examples_per_epoch == Some(0) {
            return Some((
                "examples_per_epoch",
                "found 0, expected at least 1; leave it out for as many as there are".to_owned(),
            ));
        }
        if self.strategy != Strategy::Weights {
            return if self.weights.is_empty() {
                None
            } else {
                belongs("weights", "weights")
            };
        }
        for (task, &weight) in &self.weights {
            if !(weight >= 0.0 && weight.is_finite()) {
                return Some((
                    "weights",
                    format!("task `{task}` has weight {weight}, expected a finite number from 0"),
                ));
            }
            if !tasks.contains(&task) {
                let meant = nearest(task.as_str(), tasks.iter().map(|task| task.as_str()))
                    .map(|task| format!("; did you mean `{task}`?"))
                    .unwrap_or_default();
                return Some(("weights", format!("there is no task `{task}`{meant}")));
            }
        }
        let all_zero = !tasks.is_empty()
            && tasks
                .iter()
                .all(|task| self.weights.get(*task) == Some(&0.0));
        all_zero.then(|| {
            (
                "weights",
                "every task has weight 0, so nothing would be drawn".to_owned(),
            )
        })
    }
}
