//! One run with all its parts: made, taken up again, recorded and saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use mtnet_core::{RandomStream, Split};
use mtnet_data::{BatchSize, Corpus, EpochPlan, sampling_groups};
use mtnet_metrics::{Direction, MetricKind};

use super::averaging::AVERAGE_FILE;
use super::balance_file::{self, BALANCE_FILE};
use super::distillation::{Distilled, SoftLabels};
use super::evaluate::main_metrics;
use super::folder::holds_a_run;
use super::run_info::RunInfo;
use super::selection::{MainMetric, Selection};
use super::session::Session;
use super::state::TrainerState;
use super::{Prepared, Progress, TrainError};
use crate::checkpoint::{
    Checkpoint, CheckpointWriter, LocalFiles, RunLock, SaveOptions, latest_valid,
};
use crate::events::{CheckpointEvent, Event, EventSink, JsonlSink, RunStartEvent};
use crate::run_file::{EvalStrategy, RunFile, TrainConfig};

/// One run with all its parts.
pub(super) struct Job<'a> {
    pub(super) run: &'a RunFile,
    pub(super) prepared: &'a Prepared,
    pub(super) session: Session<'a>,
    pub(super) plan: EpochPlan,
    pub(super) total_steps: u64,
    pub(super) state: TrainerState,
    pub(super) selection: Option<Selection>,
    pub(super) main: Vec<MainMetric>,
    pub(super) writer: CheckpointWriter,
    pub(super) log: Option<JsonlSink>,
    /// Where events go beside the log.
    pub(super) reports: Vec<Box<dyn EventSink>>,
    pub(super) output: &'a Path,
    pub(super) begun: Instant,
    /// Seconds of training steps alone, in this process and before.
    pub(super) evaluating: f64,
}

impl<'a> Job<'a> {
    pub(super) fn new(
        run: &'a RunFile,
        prepared: &'a Prepared,
        lock: RunLock,
        output: &'a Path,
    ) -> Result<Self, TrainError> {
        let config = &run.config.train;
        let corpus = prepared.corpus(Split::Train);
        let (plan, total_steps) = epoch_plan(run, corpus);
        let named: BTreeMap<_, _> = run
            .config
            .task
            .iter()
            .filter_map(|task| Some((task.name.clone(), task.metric.clone()?)))
            .collect();
        let model = &prepared.folder.model;
        let main = main_metrics(model, &named, corpus)?;
        let selection = match config.eval_strategy {
            EvalStrategy::No => None,
            _ => Some(Selection::new(
                &config.metric_for_best_model,
                &main,
                |metric| {
                    MetricKind::from_name(metric)
                        .is_some_and(|kind| kind.direction() == Direction::LowerIsBetter)
                },
            )?),
        };
        let options = SaveOptions {
            save_total_limit: Some(config.save_total_limit),
            ..SaveOptions::default()
        };
        let state = TrainerState {
            run_hash: run.content_hash(),
            ..TrainerState::default()
        };
        Ok(Self {
            session: Session::new(run, &prepared.folder, total_steps)?,
            run,
            prepared,
            plan,
            total_steps,
            state,
            selection,
            main,
            writer: CheckpointWriter::new(lock, options),
            log: None,
            reports: Vec::new(),
            output,
            begun: Instant::now(),
            evaluating: 0.0,
        })
    }

    /// Learns from teachers too.
    pub(super) fn distil(&mut self, soft: SoftLabels) {
        self.session.distil(Distilled {
            soft: Arc::new(soft),
            settings: self.run.config.distillation(),
            total_steps: self.total_steps,
        });
    }

    pub(super) fn seconds(&self) -> f64 {
        self.state.seconds + self.begun.elapsed().as_secs_f64()
    }

    /// Takes weights, moments, balance and position from the newest valid checkpoint; `None` where
    /// the run had begun and was stopped before its first one, so that it begins again.
    pub(super) fn resume(&mut self) -> Result<Option<Checkpoint>, TrainError> {
        let found = latest_valid(&LocalFiles, self.output)?;
        for damaged in &found.damaged {
            tracing::warn!(
                "{} is damaged and left alone: {}",
                damaged.path.display(),
                damaged.reason
            );
        }
        let Some(checkpoint) = found.latest else {
            if found.damaged.is_empty() && holds_a_run(self.output) {
                tracing::warn!(
                    "{} was stopped before its first checkpoint: it begins again",
                    self.output.display()
                );
                return Ok(None);
            }
            let damaged = match found.damaged.len() {
                0 => String::new(),
                count => format!(" ({count} damaged)"),
            };
            return Err(TrainError::NothingToResume {
                folder: self.output.to_owned(),
                damaged,
            });
        };
        self.restore(&checkpoint)?;
        Ok(Some(checkpoint))
    }

    /// Takes everything from a checkpoint.
    pub(super) fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), TrainError> {
        let read = |name: &str| checkpoint.read(&LocalFiles, name);
        let mut state: TrainerState = serde_json::from_slice(&read("trainer_state.json")?)
            .map_err(|source| TrainError::Json {
                path: checkpoint.path().join("trainer_state.json"),
                source,
            })?;
        if state.run_hash != self.state.run_hash && !self.is_same_run(checkpoint)? {
            return Err(TrainError::OtherRun {
                folder: checkpoint.path().to_owned(),
                difference: "data, encoder, tasks, seed or training settings were changed since"
                    .to_owned(),
            });
        }
        self.session
            .restore(&read("model.safetensors")?, &read("optimizer.safetensors")?)?;
        let mut balance = std::mem::take(&mut state.balance);
        if checkpoint.manifest().file(BALANCE_FILE).is_some() {
            balance_file::put(&mut balance, &read(BALANCE_FILE)?)?;
        }
        self.session.backward.method.restore(balance)?;
        self.session
            .backward
            .diagnostics
            .restore(state.gradients.clone());
        self.session.restore_window(state.window.clone());
        self.session.tokens = state.tokens;
        self.session.monitor.restore(state.monitor.clone());
        if state.averaged > 0 {
            self.session
                .restore_average(&read(AVERAGE_FILE)?, state.averaged)?;
        }
        self.state = TrainerState {
            run_hash: std::mem::take(&mut self.state.run_hash),
            ..state
        };
        self.session.lifecycle = self.state.lifecycle.clone();
        self.set_rate();
        Ok(())
    }

    /// Whether the run file inside a checkpoint means what ours does. A version with more settings
    /// writes them with their defaults, so that hashes of two versions differ for one run.
    fn is_same_run(&self, checkpoint: &Checkpoint) -> Result<bool, TrainError> {
        let text = checkpoint.read(&LocalFiles, "run.toml")?;
        let origin = checkpoint.path().join("run.toml");
        let theirs = RunFile::parse(&String::from_utf8_lossy(&text), &origin, &[])?;
        Ok(theirs.content_hash() == self.state.run_hash)
    }

    /// Opens `metrics.jsonl`, and writes `run.toml` and `run.json` at the start of a run.
    pub(super) fn open_log(&mut self, checkpoint: Option<&Checkpoint>) -> Result<(), TrainError> {
        let path = self.output.join("metrics.jsonl");
        let after = checkpoint.map(|checkpoint| checkpoint.step());
        self.reports = self.report_sinks(after)?;
        if let Some(checkpoint) = checkpoint {
            self.log = Some(JsonlSink::resume(path, checkpoint.step())?);
            return Ok(());
        }
        self.write("run.toml", self.effective_run()?.as_bytes())?;
        self.write_json("run.json", &RunInfo::new(self.run, self.prepared))?;
        self.log = Some(JsonlSink::create(path)?);
        self.record(RunStartEvent {
            run: self.run.config.run.name.clone(),
            seed: self.run.config.run.seed,
            tasks: self
                .run
                .config
                .task
                .iter()
                .map(|task| task.name.clone())
                .collect(),
            trained_parameters: self.session.trained_parameters(),
            total_steps: self.total_steps,
        })
    }

    /// What the learning rate is multiplied by beside the schedule.
    pub(super) fn set_rate(&mut self) {
        self.session.rate_scale = self.state.recovery.rate_scale * self.state.plateau.factor;
    }

    pub(super) fn save(&mut self, progress: &mut (dyn Progress + Send)) -> Result<(), TrainError> {
        let step = self.session.steps();
        let best = self.state.best.as_ref().map(|best| best.step);
        self.record(CheckpointEvent {
            step,
            name: CheckpointWriter::name(step),
            is_best: best == Some(step),
        })?;
        if let Some(log) = &mut self.log {
            log.sync()?;
        }
        let mut balance = self.session.backward.method.state();
        let mut files = self.session.files()?;
        if let Some(bytes) = balance_file::take(&mut balance)? {
            files.push((BALANCE_FILE.to_owned(), bytes.into()));
        }
        let state = TrainerState {
            global_step: step,
            balance,
            gradients: self.session.backward.diagnostics.state().clone(),
            monitor: self.session.monitor.state().clone(),
            averaged: self.session.averaged(),
            window: self.session.window(),
            tokens: self.session.tokens,
            seconds: self.seconds(),
            ..self.state.clone()
        };
        files.push((
            "trainer_state.json".to_owned(),
            json("trainer_state.json", &state)?.into(),
        ));
        files.push((
            "run.toml".to_owned(),
            self.effective_run()?.into_bytes().into(),
        ));
        let report = self.writer.save(step, files, best)?;
        if let Some(error) = report.pruning {
            progress.message(&format!("an old checkpoint could not be removed: {error}"));
        }
        Ok(())
    }

    /// The run file with every default filled in and every path absolute.
    pub(super) fn effective_run(&self) -> Result<String, TrainError> {
        let run = self
            .run
            .with_absolute_paths()
            .map_err(TrainError::file(&self.run.base))?;
        Ok(run.render())
    }

    pub(super) fn record(&mut self, event: impl Into<Event>) -> Result<(), TrainError> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        let event = event.into();
        log.record(&event)?;
        // A run is worth more than a chart of it.
        self.reports.retain_mut(|report| {
            let kept = report.record(&event);
            if let Err(error) = &kept {
                tracing::warn!("no more events for another program: {error}");
            }
            kept.is_ok()
        });
        Ok(())
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), TrainError> {
        let path = self.output.join(name);
        std::fs::write(&path, bytes).map_err(TrainError::file(path))
    }

    pub(super) fn write_json<T: serde::Serialize>(
        &self,
        name: &str,
        value: &T,
    ) -> Result<(), TrainError> {
        self.write(name, &json(name, value)?)
    }
}

pub(super) fn json<T: serde::Serialize>(name: &str, value: &T) -> Result<Vec<u8>, TrainError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|source| TrainError::Json {
        path: PathBuf::from(name),
        source,
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The order of the training examples, and the optimizer steps of a run over them.
pub fn epoch_plan(run: &RunFile, corpus: &Arc<Corpus>) -> (EpochPlan, u64) {
    let config = &run.config.train;
    let mut plan = EpochPlan {
        corpus: Arc::clone(corpus),
        groups: sampling_groups(corpus.targets()),
        sampler: run.config.sampler.clone(),
        batch: match config.batch_size {
            Some(examples) => BatchSize::Examples(examples),
            None => BatchSize::Tokens(config.batch_tokens),
        },
        order: RandomStream::new(run.config.run.seed).child("order"),
        epochs: config.epochs.ceil().max(1.0) as usize,
    };
    let total_steps = total_steps(config, &mut plan);
    (plan, total_steps)
}

/// Optimizer steps of a run. With `max_steps`, the plan gets as many epochs as they need.
fn total_steps(config: &TrainConfig, plan: &mut EpochPlan) -> u64 {
    let parts = config.gradient_accumulation_steps.max(1);
    if let Some(steps) = config.max_steps {
        let batches = steps as usize * parts;
        plan.epochs = batches.div_ceil(plan.batches(0).max(1)).max(1);
        // Other epochs may hold a few batches less than the first.
        plan.epochs += plan.epochs / 20 + 1;
        return steps;
    }
    let whole = config.epochs.floor() as usize;
    let mut batches: usize = (0..whole).map(|epoch| plan.batches(epoch)).sum();
    if whole < plan.epochs {
        batches += (config.epochs.fract() * plan.batches(whole) as f64).ceil() as usize;
    }
    (batches / parts).max(1) as u64
}
