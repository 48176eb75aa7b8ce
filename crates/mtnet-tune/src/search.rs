//! A checked search: the run file, what is searched, and how.

use std::path::{Path, PathBuf};

use mtnet_heads::HeadRegistry;
use mtnet_train::run_file::{
    HalvingConfig, RunFile, RunFileError, RunFileProblem, SamplerKind, TuneConfig,
};
use mtnet_train::runs::Hashes;

use crate::error::{Problem, Problems};
use crate::space::{Probe, check};
use crate::{Identity, Rungs, Space, TuneError, budget};

/// A search that was held against its run file.
#[derive(Clone, Debug)]
pub struct Search {
    /// The run file as it stands, with its overrides.
    pub run: RunFile,
    /// What is searched.
    pub space: Space,
    /// How many settings are tried.
    pub trials: usize,
    /// Seed of the search.
    pub seed: u64,
    /// How settings are chosen.
    pub sampler: SamplerKind,
    /// What trials are ranked by, as `train.metric_for_best_model` names it.
    pub objective: String,
    /// How long trials train.
    pub rungs: Rungs,
    /// Time after which no further trial begins, as written and in seconds.
    pub budget: Option<(String, f64)>,
    pub(crate) text: String,
    pub(crate) path: PathBuf,
    pub(crate) overrides: Vec<String>,
    tune: TuneConfig,
}

impl Search {
    /// Reads a run file with a `[tune]` table and tries every dimension of it: each choice, and both
    /// ends of each range, must make a run file that is accepted.
    ///
    /// # Errors
    /// [`TuneError::Problems`] with everything that is wrong with the table; [`TuneError::RunFile`]
    /// where the run file itself cannot be read; [`TuneError::NoTable`].
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, TuneError> {
        let run = RunFile::load(path, overrides)?;
        let Some(tune) = run.config.tune.clone() else {
            return Err(TuneError::NoTable {
                path: path.to_owned(),
            });
        };
        run.check_files()?;
        run.check_heads(&HeadRegistry::default())?;
        let text = std::fs::read_to_string(path).map_err(TuneError::file(path))?;
        let probe = Probe {
            text: &text,
            path,
            overrides,
            halving: tune.halving.is_some(),
        };
        let mut problems = Vec::new();
        let space = check(&run, &probe)
            .map_err(|found| problems.extend(found.0))
            .ok();
        let mut refuse = |key: &str, problem: String| {
            problems.push(Problem {
                place: run.place(&format!("tune.{key}")),
                key: key.to_owned(),
                problem,
            });
        };
        if tune.trials == 0 {
            refuse("trials", "0 trials, expected at least 1".to_owned());
        }
        let train = &run.config.train;
        let objective = tune
            .objective
            .clone()
            .unwrap_or_else(|| train.metric_for_best_model.clone());
        if let Err(error) = probe.with(&[objective_override(&objective)]) {
            refuse("objective", problem_of(&error));
        }
        let budget = tune
            .budget
            .clone()
            .and_then(|text| match budget::seconds(&text) {
                Some(seconds) => Some((text, seconds)),
                None => {
                    refuse(
                        "budget",
                        format!("`{text}`, expected a time such as `90min` or `2h 30min`"),
                    );
                    None
                }
            });
        let rungs = match &tune.halving {
            None => Rungs::one(),
            Some(_) if train.max_steps.is_some() => {
                refuse(
                    "halving",
                    "rungs are counted in epochs; remove `train.max_steps`".to_owned(),
                );
                Rungs::one()
            }
            Some(HalvingConfig { rungs, reduction }) => {
                Rungs::new(*rungs, *reduction, train.epochs).unwrap_or_else(|problem| {
                    refuse("halving", problem);
                    Rungs::one()
                })
            }
        };
        let (Some(space), true) = (space, problems.is_empty()) else {
            return Err(TuneError::Problems(Problems(problems)));
        };
        Ok(Self {
            space,
            trials: tune.trials,
            seed: tune.seed,
            sampler: tune.sampler,
            objective,
            rungs,
            budget,
            text,
            path: path.to_owned(),
            overrides: overrides.to_vec(),
            tune,
            run,
        })
    }

    /// What a journal of it must say to go on. Reads the data, for its hash.
    ///
    /// # Errors
    /// If a file of the run cannot be read.
    pub fn identity(&self) -> Result<Identity, TuneError> {
        let halving = self.tune.halving.clone();
        Ok(Identity {
            run: Hashes::default().of_run(&self.run)?,
            seed: self.seed,
            sampler: self.sampler,
            objective: self.objective.clone(),
            space: self.tune.space.clone(),
            trials: halving.as_ref().map(|_| self.trials),
            halving,
        })
    }

    /// The run file with settings put into it, ranked by the objective, without the search.
    ///
    /// # Errors
    /// If the settings do not go together.
    pub(crate) fn with(&self, settings: &[String]) -> Result<RunFile, RunFileError> {
        let mut all = self.overrides.clone();
        all.push(objective_override(&self.objective));
        all.extend_from_slice(settings);
        let mut run = RunFile::parse(&self.text, &self.path, &all)?;
        run.config.tune = None;
        Ok(run)
    }
}

pub(crate) fn objective_override(objective: &str) -> String {
    let value = toml::Value::String(objective.to_owned());
    format!("train.metric_for_best_model={value}")
}

/// What is wrong, without where: the override that showed it is not the user's.
pub(crate) fn problem_of(error: &RunFileError) -> String {
    let problem: &RunFileProblem = error.problem();
    problem.to_string()
}
