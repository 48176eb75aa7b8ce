//! The training loop: steps, evaluations, and when to stop.

use std::time::Instant;

use mtnet_core::Split;
use mtnet_data::Loader;

use super::evaluate::evaluate;
use super::job::Job;
use super::selection::SplitMetrics;
use super::state::Best;
use super::{NonFinite, Progress, StopToken, TrainError};
use crate::events::{AlarmKind, BalanceEvent, EvaluationEvent, Event, RunEndReason};
use crate::run_file::{EvalStrategy, TrainConfig};

/// How a stretch of training from one position ended.
enum Stretch {
    Ended(RunEndReason),
    /// The run is at a checkpoint again.
    WentBack,
}

impl Job<'_> {
    pub(super) fn train(
        &mut self,
        progress: &mut (dyn Progress + Send),
        stop: &StopToken,
    ) -> Result<RunEndReason, TrainError> {
        if self.session.steps() >= self.total_steps {
            return Ok(RunEndReason::Finished);
        }
        if stop.is_asked() {
            return self.interrupt(true, progress);
        }
        loop {
            if let Stretch::Ended(reason) = self.stretch(progress, stop)? {
                return Ok(reason);
            }
        }
    }

    /// Trains on from the position of the state.
    fn stretch(
        &mut self,
        progress: &mut (dyn Progress + Send),
        stop: &StopToken,
    ) -> Result<Stretch, TrainError> {
        let run = self.run;
        let config = &run.config.train;
        let parts = config.gradient_accumulation_steps.max(1);
        let mut part = 0;
        let mut fault: Option<NonFinite> = None;
        let loader = Loader::start(self.plan.clone(), self.state.position, 4)?;
        let mut batches_of_epoch = (usize::MAX, 1);
        for loaded in loader {
            let epoch = loaded.position.epoch;
            if batches_of_epoch.0 != epoch {
                batches_of_epoch = (epoch, self.plan.batches(epoch));
            }
            if fault.is_none() {
                fault = non_finite(self.session.add(&loaded.batch, epoch, part, parts))?;
            }
            part += 1;
            self.state.position = loaded.next;
            if part < parts {
                continue;
            }
            part = 0;
            if fault.is_none() {
                fault = non_finite(self.session.step())?;
            }
            match fault.take() {
                None => self.state.recovery.skipped = 0,
                Some(fault) => {
                    self.session.skip();
                    self.note_fault(&fault, progress)?;
                    if self.must_go_back() {
                        self.go_back(&fault, progress)?;
                        return Ok(Stretch::WentBack);
                    }
                }
            }
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
            self.raise_alarms(progress)?;
            let evaluates = match config.eval_strategy {
                EvalStrategy::Epoch => loaded.ends_epoch || last,
                EvalStrategy::Steps => step.is_multiple_of(config.eval_steps.max(1)) || last,
                EvalStrategy::No => false,
            };
            // What is saved amid steps that are left out would be no better to go back to.
            let saves = self.state.recovery.skipped == 0
                && config
                    .save_steps
                    .is_some_and(|every| step.is_multiple_of(every.max(1)));
            if evaluates || saves || last {
                if let Some(fault) = self.spoiled()? {
                    self.note_fault(&fault, progress)?;
                    self.go_back(&fault, progress)?;
                    return Ok(Stretch::WentBack);
                }
                if evaluates {
                    self.evaluate(epoch, progress)?;
                    self.raise_alarms(progress)?;
                }
                self.save(progress)?;
            }
            if evaluates && let Some(stop) = self.stops(config) {
                return Ok(Stretch::Ended(stop));
            }
            if last {
                break;
            }
            if stop.is_asked() {
                let saved = evaluates || saves;
                return self.interrupt(!saved, progress).map(Stretch::Ended);
            }
        }
        Ok(Stretch::Ended(RunEndReason::Finished))
    }

    /// A weight that an update made overflow: such weights are neither scored nor saved.
    fn spoiled(&self) -> Result<Option<NonFinite>, TrainError> {
        let broken = self.session.broken_weight()?;
        Ok(broken.map(|name| NonFinite {
            step: self.session.steps(),
            kind: AlarmKind::NonFiniteWeight,
            tasks: Vec::new(),
            layer: self.session.backward.layouts().layer_of(&name),
            place: Some(name),
            value: None,
        }))
    }

    /// Ends between two steps, with a checkpoint of the last one.
    fn interrupt(
        &mut self,
        saves: bool,
        progress: &mut (dyn Progress + Send),
    ) -> Result<RunEndReason, TrainError> {
        progress.message(&format!("stopping after step {}", self.session.steps()));
        if saves {
            self.save(progress)?;
        }
        Ok(RunEndReason::Interrupted)
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
        if self.state.lifecycle.all_rest(&self.run.config.task) {
            return Some(RunEndReason::EarlyStopping);
        }
        let patience = config.early_stopping_patience?;
        (self.state.evaluations_since_best >= patience.max(1))
            .then_some(RunEndReason::EarlyStopping)
    }

    /// Lets tasks rest and wake by their scores.
    fn rest_and_wake(
        &mut self,
        metrics: &SplitMetrics,
        progress: &mut (dyn Progress + Send),
    ) -> Result<(), TrainError> {
        let (tasks, step) = (&self.run.config.task, self.session.steps());
        let lifecycle = &mut self.state.lifecycle;
        let events = lifecycle.take(tasks, &self.main, metrics, step);
        self.session.lifecycle = lifecycle.clone();
        for event in events {
            progress.message(&event.to_string());
            self.record(event)?;
        }
        Ok(())
    }

    /// What it means that scores could not be computed: where they are no numbers, the run diverged.
    fn diverged_scores(&mut self, error: TrainError) -> Result<TrainError, TrainError> {
        let Some(task) = error.task_without_numbers() else {
            return Ok(error);
        };
        let what = format!("task `{task}` gives development data scores that are not numbers");
        let (step, seconds) = (self.session.steps(), self.seconds());
        self.record(Event::run_end(step, RunEndReason::Diverged, seconds))?;
        Ok(TrainError::Diverged { step, what })
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
        self.session.swap_average()?;
        let scored = evaluate(
            &self.prepared.folder.model,
            self.prepared.corpus(Split::Dev),
            batch_tokens,
        );
        let metrics = match scored {
            Ok(metrics) => metrics,
            Err(error) => return Err(self.diverged_scores(error)?),
        };
        self.session.swap_average()?;
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
        let losses = metrics.iter().filter_map(|(task, scores)| {
            let loss = scores.get("loss")?;
            Some((task.clone(), *loss))
        });
        let step = self.session.steps();
        self.session.monitor.evaluation(step, &losses.collect());
        self.session.observe(&metrics, &self.main, epoch as u64)?;
        self.evaluating += event.seconds;
        progress.evaluation(&event);
        self.record(event)?;
        if self.state.plateau.take(&self.run.config.train, score) {
            self.set_rate();
            progress.message(&format!(
                "the score does not rise: the learning rate is multiplied by {} from here on",
                self.session.rate_scale
            ));
        }
        self.rest_and_wake(&metrics, progress)?;
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

/// The value that is not finite, where that is what went wrong.
fn non_finite(result: Result<(), TrainError>) -> Result<Option<NonFinite>, TrainError> {
    match result {
        Ok(()) => Ok(None),
        Err(TrainError::NonFinite(found)) => Ok(Some(*found)),
        Err(other) => Err(other),
    }
}
