//! One run of a comparison: taken as it is, gone on with, or begun.

use std::collections::BTreeMap;
use std::path::PathBuf;

use candle_core::Device;
use mtnet_core::Split;
use mtnet_heads::HeadRegistry;
use mtnet_model::ModelFolder;
use mtnet_train::events::RunEndReason;
use mtnet_train::run_file::RunFile;
use mtnet_train::runs::{self, KeptRun, with_split};
use mtnet_train::trainer::{
    Quiet, RunInfo, RunResults, StopToken, corpus_answers, read_corpus, train_until,
};

use crate::answers::{read, write_json};
use crate::{CompareError, TaskAnswers, TestAnswers};

/// A run to be done.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name for people.
    pub label: String,
    /// Its run file, paths absolute.
    pub run: RunFile,
    /// Its folder.
    pub folder: PathBuf,
}

/// What was found in the folder of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its answers.
    Answers,
    /// A checkpoint, or all but its answers.
    Begun,
    /// Nothing that helps.
    Nothing,
}

impl Job {
    /// Looks what was left of the run.
    ///
    /// # Errors
    /// If its checkpoints cannot be looked through.
    pub fn found(&self) -> Result<Found, CompareError> {
        if self.answers_file().is_file() {
            return Ok(Found::Answers);
        }
        Ok(match self.kept().found()? {
            runs::Found::Results | runs::Found::Begun => Found::Begun,
            runs::Found::Nothing => Found::Nothing,
        })
    }

    /// Does what is left to do, on `threads` threads.
    ///
    /// # Errors
    /// If the run cannot be trained, or its files cannot be read or written;
    /// [`CompareError::OutOfTime`] where it was asked to stop: what was done stays.
    pub fn finish(&self, threads: usize, stop: &StopToken) -> Result<TestAnswers, CompareError> {
        if let Some(answers) = read(&self.answers_file())? {
            return Ok(answers);
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| CompareError::Threads {
            threads,
            reason: error.to_string(),
        })?;
        pool.install(|| {
            let registry = HeadRegistry::default();
            let results = self.train(&registry, stop)?;
            let answers = self.answer(&results, &registry)?;
            write_json(&self.answers_file(), &answers)?;
            self.kept().drop_checkpoints()?;
            Ok(answers)
        })
    }

    fn answers_file(&self) -> PathBuf {
        self.folder.join("answers.json")
    }

    fn train(&self, registry: &HeadRegistry, stop: &StopToken) -> Result<RunResults, CompareError> {
        // A kill between the results and the answers costs the answers alone.
        let results = self.kept().finish(|run, options| {
            // The pool that this runs in has the threads that the run is given.
            let mut run = run.clone();
            run.config.train.threads = None;
            train_until(&run, options, registry, &mut Quiet, stop)
        })?;
        match results.end.reason {
            RunEndReason::Interrupted => Err(CompareError::OutOfTime),
            _ => Ok(results),
        }
    }

    fn kept(&self) -> KeptRun {
        KeptRun {
            run: self.run.clone(),
            folder: self.folder.clone(),
        }
    }

    fn answer(
        &self,
        results: &RunResults,
        registry: &HeadRegistry,
    ) -> Result<TestAnswers, CompareError> {
        let folder = ModelFolder::open(&self.model(), registry, &Device::Cpu)?;
        let mut tasks = BTreeMap::new();
        for split in [Split::Test, Split::Dev] {
            let open = |task: &mtnet_model::Task| !tasks.contains_key(&task.spec.name);
            if !folder.model.tasks().iter().any(open) {
                break;
            }
            let Some(run) = with_split(&self.run, split) else {
                continue;
            };
            let corpus = read_corpus(&run, split, &folder, registry)?;
            let batch_tokens = self.run.config.train.eval_batch_tokens;
            for (name, answers) in corpus_answers(&folder.model, &corpus, batch_tokens)? {
                let index = folder.model.task_index(&name)?;
                let labels = folder.model.tasks()[index].spec.labels.clone();
                tasks.entry(name).or_insert(TaskAnswers {
                    split,
                    labels,
                    answers,
                });
            }
        }
        let info: Option<RunInfo> = read(&self.folder.join("run.json"))?;
        Ok(TestAnswers {
            tasks,
            seconds: results.seconds,
            parameters: info.map_or(results.trained_parameters, |info| info.parameters),
            steps: results.steps,
            chosen: format!("step {}", results.best_step),
        })
    }

    /// The model that the run leaves.
    pub fn model(&self) -> PathBuf {
        self.folder.join("model")
    }
}
