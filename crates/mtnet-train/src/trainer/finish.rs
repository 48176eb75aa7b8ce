//! The end of a run: the best weights, the test score, results and model.

use std::collections::BTreeMap;
use std::time::Instant;

use mtnet_core::{Split, TaskName};

use super::averaging::AVERAGE_FILE;
use super::calibration::{calibrate, calibration_results};
use super::card::{CardSource, labelled, model_card};
use super::evaluate::{Answers, majority_scores};
use super::job::Job;
use super::selection::SplitMetrics;
use super::session_state::load_weights;
use super::{Progress, RunResults, TrainError};
use crate::checkpoint::CheckpointWriter;
use crate::events::{EvaluationEvent, RunEndEvent, RunEndReason};

impl Job<'_> {
    /// Takes the best weights, scores the test data once, and writes results and model.
    pub(super) fn finish(
        mut self,
        reason: RunEndReason,
        progress: &mut (dyn Progress + Send),
    ) -> Result<RunResults, TrainError> {
        let tokens_per_second = self.tokens_per_second();
        let folder = &self.prepared.folder;
        let best_step = self
            .state
            .best
            .as_ref()
            .map_or(self.session.steps(), |best| best.step);
        if best_step == self.session.steps() {
            self.session.swap_average()?;
        } else {
            let checkpoint = self.output.join(CheckpointWriter::name(best_step));
            let read = |name: &str| {
                let path = checkpoint.join(name);
                std::fs::read(&path).map_err(TrainError::file(path))
            };
            load_weights(folder, &read("model.safetensors")?)?;
            if checkpoint.join(AVERAGE_FILE).is_file() {
                self.session.restore_average(&read(AVERAGE_FILE)?, 1)?;
                self.session.swap_average()?;
            }
        }
        let batch_tokens = self.run.config.train.eval_batch_tokens;
        let fitted = self.prepared.with_thresholds(batch_tokens)?;
        let folder = fitted.as_ref().unwrap_or(folder);
        if self.run.config.train.calibrate {
            progress.stage("calibrating");
            calibrate(
                &folder.model,
                self.prepared.corpus(Split::Dev),
                batch_tokens,
            )?;
        }
        progress.stage("scoring the test data");
        let begun = Instant::now();
        let corpus = self.prepared.corpus(Split::Test);
        let answers = Answers::with_scores(&folder.model, corpus, batch_tokens)?;
        let test = answers.metrics(&folder.model, corpus)?;
        let event = EvaluationEvent {
            step: self.session.steps(),
            epoch: self.state.position.epoch as f64,
            split: Split::Test,
            metrics: test.clone(),
            selection: None,
            is_best: false,
            seconds: begun.elapsed().as_secs_f64(),
        };
        self.record(event)?;
        let end = RunEndEvent {
            step: self.session.steps(),
            reason,
            seconds: self.seconds(),
        };
        self.record(end.clone())?;

        let results = RunResults {
            majority: self.majority()?,
            test,
            dev: self
                .state
                .best
                .take()
                .map(|best| best.metrics)
                .unwrap_or_default(),
            calibration: calibration_results(&folder.model, &answers)?,
            main_metric: self.main_metric(),
            best_step,
            steps: self.session.steps(),
            seconds: self.seconds(),
            tokens_per_second,
            trained_parameters: self.session.trained_parameters(),
            balance: self.session.backward.diagnostics.summary(),
            model_folder: self.output.join("model"),
            end,
        };
        folder.save(&results.model_folder)?;
        let counts = Split::ALL.map(|split| (split, labelled(self.prepared.corpus(split))));
        let card = model_card(&CardSource {
            run: self.run,
            folder,
            results: &results,
            counts: counts.into(),
        });
        let path = results.model_folder.join("README.md");
        std::fs::write(&path, card).map_err(TrainError::file(path))?;
        self.write_json("results.json", &results)?;
        if self.run.config.train.save_predictions {
            progress.stage("keeping predictions");
            self.save_predictions(folder, Split::Test, &answers, best_step)?;
            let corpus = self.prepared.corpus(Split::Dev);
            let answers = Answers::collect(&folder.model, corpus, batch_tokens)?;
            self.save_predictions(folder, Split::Dev, &answers, best_step)?;
        }
        Ok(results)
    }

    /// Ends a run that was asked to stop: no test score, no model, nothing that a run which goes
    /// on would have to take back.
    pub(super) fn interrupted(mut self) -> Result<RunResults, TrainError> {
        let end = RunEndEvent {
            step: self.session.steps(),
            reason: RunEndReason::Interrupted,
            seconds: self.seconds(),
        };
        self.record(end.clone())?;
        let best = self.state.best.take();
        Ok(RunResults {
            majority: SplitMetrics::new(),
            test: SplitMetrics::new(),
            best_step: best.as_ref().map_or(end.step, |best| best.step),
            dev: best.map(|best| best.metrics).unwrap_or_default(),
            calibration: BTreeMap::new(),
            main_metric: self.main_metric(),
            steps: end.step,
            seconds: end.seconds,
            tokens_per_second: self.tokens_per_second(),
            trained_parameters: self.session.trained_parameters(),
            balance: self.session.backward.diagnostics.summary(),
            model_folder: self.output.join("model"),
            end,
        })
    }

    fn main_metric(&self) -> BTreeMap<TaskName, String> {
        let main = self.main.iter();
        main.map(|main| (main.task.clone(), main.metric.clone()))
            .collect()
    }

    /// Tokens of training steps a second of them, in this process and before.
    fn tokens_per_second(&self) -> f64 {
        self.session.tokens as f64 / (self.seconds() - self.evaluating).max(1e-9)
    }

    pub(super) fn majority(&self) -> Result<SplitMetrics, TrainError> {
        let train = self.prepared.corpus(Split::Train);
        let mut majority = SplitMetrics::new();
        for task in self.prepared.folder.model.tasks() {
            for split in [Split::Test, Split::Dev] {
                let corpus = self.prepared.corpus(split);
                if corpus
                    .targets()
                    .iter()
                    .any(|targets| targets.contains_key(&task.spec.name))
                {
                    majority.insert(
                        task.spec.name.clone(),
                        majority_scores(task, train, corpus)?,
                    );
                    break;
                }
            }
        }
        Ok(majority)
    }
}
