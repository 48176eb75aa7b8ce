//! The training loop: steps, evaluations, and when to stop.

use std::time::Instant;

use mtnet_core::Split;
use mtnet_data::Loader;

use super::evaluate::evaluate;
use super::job::Job;
use super::state::Best;
use super::{Progress, TrainError};
use crate::events::{BalanceEvent, EvaluationEvent, RunEndReason};
use crate::run_file::{EvalStrategy, TrainConfig};

impl Job<'_> {
    pub(super) fn train(
        &mut self,
        progress: &mut (dyn Progress + Send),
    ) -> Result<RunEndReason, TrainError> {
        let config = &self.run.config.train;
        let parts = config.gradient_accumulation_steps.max(1);
        let mut part = 0;
        let mut reason = RunEndReason::Finished;
        if self.session.steps() >= self.total_steps {
            return Ok(reason);
        }
        let loader = Loader::start(self.plan.clone(), self.state.position, 4)?;
        let mut batches_of_epoch = (usize::MAX, 1);
        for loaded in loader {
            let epoch = loaded.position.epoch;
            if batches_of_epoch.0 != epoch {
                batches_of_epoch = (epoch, self.plan.batches(epoch));
            }
            self.session.add(&loaded.batch, epoch, part, parts)?;
            part += 1;
            self.state.position = loaded.next;
            if part < parts {
                continue;
            }
            part = 0;
            self.session.step()?;
            let step = self.session.steps();
            let last = step >= self.total_steps;
            let fraction = (loaded.position.batch + 1) as f64 / batches_of_epoch.1 as f64;
            let epoch = epoch as f64 + fraction;
            if step.is_multiple_of(config.logging_steps.max(1)) || last || step == 1 {
                let event = self.session.report(epoch, self.seconds());
                progress.step(&event, self.total_steps);
                self.record(event)?;
                self.report_gradients(progress)?;
            }
            let evaluates = match config.eval_strategy {
                EvalStrategy::Epoch => loaded.ends_epoch || last,
                EvalStrategy::Steps => step.is_multiple_of(config.eval_steps.max(1)) || last,
                EvalStrategy::No => false,
            };
            if evaluates {
                self.evaluate(epoch, progress)?;
            }
            let saves = config
                .save_steps
                .is_some_and(|every| step.is_multiple_of(every.max(1)));
            if evaluates || saves || last {
                self.save(progress)?;
            }
            if evaluates && let Some(stop) = self.stops(config) {
                reason = stop;
                break;
            }
            if last {
                break;
            }
        }
        Ok(reason)
    }

    /// Records what was seen of the tasks' gradients, and warns of what has gone wrong for long.
    fn report_gradients(&mut self, progress: &mut (dyn Progress + Send)) -> Result<(), TrainError> {
        let step = self.session.steps();
        let diagnostics = &mut self.session.backward.diagnostics;
        let (window, alarms) = (diagnostics.take_window(), diagnostics.alarms(step));
        if let Some(summary) = window {
            self.record(BalanceEvent { step, summary })?;
        }
        for alarm in alarms {
            progress.message(&alarm.message);
            self.record(alarm)?;
        }
        Ok(())
    }

    pub(super) fn stops(&self, config: &TrainConfig) -> Option<RunEndReason> {
        let best = self.state.best.as_ref()?;
        if config
            .target_metric
            .is_some_and(|target| best.score >= target)
        {
            return Some(RunEndReason::TargetReached);
        }
        let patience = config.early_stopping_patience?;
        (self.state.evaluations_since_best >= patience.max(1))
            .then_some(RunEndReason::EarlyStopping)
    }

    /// Scores the development data, and notes whether this is the best so far.
    pub(super) fn evaluate(
        &mut self,
        epoch: f64,
        progress: &mut (dyn Progress + Send),
    ) -> Result<(), TrainError> {
        let Some(selection) = &self.selection else {
            return Ok(());
        };
        let begun = Instant::now();
        let batch_tokens = self.run.config.train.eval_batch_tokens;
        let metrics = evaluate(
            &self.prepared.folder.model,
            self.prepared.corpus(Split::Dev),
            batch_tokens,
        )?;
        let score = selection.score(&metrics)?;
        let is_best = self
            .state
            .best
            .as_ref()
            .is_none_or(|best| score > best.score);
        let event = EvaluationEvent {
            step: self.session.steps(),
            epoch,
            split: Split::Dev,
            metrics: metrics.clone(),
            selection: Some(score),
            is_best,
            seconds: begun.elapsed().as_secs_f64(),
        };
        self.session.observe(&metrics, &self.main, epoch as u64)?;
        self.evaluating += event.seconds;
        progress.evaluation(&event);
        self.record(event)?;
        if is_best {
            self.state.best = Some(Best {
                score,
                step: self.session.steps(),
                metrics,
            });
            self.state.evaluations_since_best = 0;
        } else {
            self.state.evaluations_since_best += 1;
        }
        Ok(())
    }
}
