//! The end of a run: the best weights, the test score, results and model.

use std::time::Instant;

use mtnet_core::Split;

use super::card::model_card;
use super::evaluate::{evaluate, majority_scores};
use super::job::Job;
use super::selection::SplitMetrics;
use super::session::load_weights;
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
        let training_seconds = (self.seconds() - self.evaluating).max(1e-9);
        let folder = &self.prepared.folder;
        let best_step = self
            .state
            .best
            .as_ref()
            .map_or(self.session.steps(), |best| best.step);
        if best_step != self.session.steps() {
            let path = self
                .output
                .join(CheckpointWriter::name(best_step))
                .join("model.safetensors");
            let bytes = std::fs::read(&path).map_err(TrainError::file(path))?;
            load_weights(folder, &bytes)?;
        }
        progress.stage("scoring the test data");
        let begun = Instant::now();
        let batch_tokens = self.run.config.train.eval_batch_tokens;
        let test = evaluate(
            &folder.model,
            self.prepared.corpus(Split::Test),
            batch_tokens,
        )?;
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
            main_metric: self
                .main
                .iter()
                .map(|main| (main.task.clone(), main.metric.clone()))
                .collect(),
            best_step,
            steps: self.session.steps(),
            seconds: self.seconds(),
            tokens_per_second: self.session.tokens as f64 / training_seconds,
            trained_parameters: self.session.trained_parameters(),
            balance: self.session.backward.diagnostics.summary(),
            model_folder: self.output.join("model"),
            end,
        };
        folder.save(&results.model_folder)?;
        let card = model_card(self.run, folder, &results);
        let path = results.model_folder.join("README.md");
        std::fs::write(&path, card).map_err(TrainError::file(path))?;
        self.write_json("results.json", &results)?;
        Ok(results)
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
