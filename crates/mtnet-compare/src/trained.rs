//! Systems with what they answered: trained runs by seed and part, and fitted baselines.

use std::path::{Path, PathBuf};

use mtnet_core::TaskName;
use mtnet_heads::Answer;
use mtnet_metrics::Estimate;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::Prepared;

use crate::cache::Hashes;
use crate::part::Part;
use crate::systems::CLASSICAL;
use crate::test_data::{TestData, TestTask};
use crate::{CompareError, CompareOptions, MethodReport, TestAnswers, classical};

/// A system with its answers, by seed and part.
pub(crate) struct Trained {
    pub name: String,
    pub about: String,
    pub models: Vec<Vec<TaskName>>,
    pub answers: Vec<Vec<TestAnswers>>,
    pub folders: Vec<Vec<PathBuf>>,
}

impl Trained {
    pub(crate) fn classical(
        run: &RunFile,
        prepared: &Prepared,
        data: &TestData<'_>,
        options: &CompareOptions,
        hashes: &mut Hashes,
    ) -> Result<Self, CompareError> {
        let mut parts = Vec::new();
        for task in &data.tasks {
            let alone = Part::of(run, std::slice::from_ref(&task.task.spec.name))?;
            let hash = hashes.of_run(&alone.run)?;
            let folder = options.output.join("classical");
            let scores = task.scores();
            parts.push(classical::answers(
                prepared, task.task, &scores, task.split, &hash, &folder,
            )?);
        }
        let tasks = data
            .tasks
            .iter()
            .map(|task| vec![task.task.spec.name.clone()]);
        Ok(Self {
            name: CLASSICAL.to_owned(),
            about: "TF-IDF of words and characters with a linear model; a perceptron for \
                    tags, a sliding window for answers to questions"
                .to_owned(),
            models: tasks.collect(),
            answers: vec![parts],
            folders: Vec::new(),
        })
    }

    pub(crate) fn answers(&self, task: &TestTask<'_>) -> Result<Vec<&[Answer]>, CompareError> {
        let name = &task.task.spec.name;
        let mut all = Vec::new();
        for parts in &self.answers {
            let found = parts.iter().find_map(|part| part.tasks.get(name));
            let fits = found.filter(|found| {
                found.answers.len() == task.targets.len()
                    && found.split == task.split
                    && found.labels == task.task.spec.labels
            });
            let Some(found) = fits else {
                return Err(CompareError::OtherAnswers {
                    path: self
                        .folders
                        .iter()
                        .flatten()
                        .next()
                        .cloned()
                        .unwrap_or_default(),
                    problem: format!(
                        "the answers of {} for task `{name}` are not those of this data",
                        self.name
                    ),
                });
            };
            all.push(found.answers.as_slice());
        }
        Ok(all)
    }

    pub(crate) fn report(
        &self,
        output: &Path,
        delta_m: Option<Estimate>,
        delta_m_over_seeds: Option<Estimate>,
    ) -> MethodReport {
        let first = self.answers.first().map_or(&[][..], Vec::as_slice);
        let all: f64 = self
            .answers
            .iter()
            .flatten()
            .map(|answers| answers.seconds)
            .sum();
        let relative = |folder: &PathBuf| {
            folder
                .strip_prefix(output)
                .unwrap_or(folder)
                .display()
                .to_string()
        };
        MethodReport {
            name: self.name.clone(),
            about: self.about.clone(),
            models: self.models.clone(),
            parameters: first.iter().map(|answers| answers.parameters).sum(),
            seconds: all / self.answers.len().max(1) as f64,
            steps: first.iter().map(|answers| answers.steps).sum(),
            folders: self
                .folders
                .iter()
                .map(|parts| parts.iter().map(relative).collect())
                .collect(),
            delta_m,
            delta_m_over_seeds,
        }
    }
}
