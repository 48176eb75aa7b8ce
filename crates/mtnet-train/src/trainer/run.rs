//! The training loop: batches, steps, evaluations, checkpoints, and the choice of weights.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use mtnet_core::{RandomStream, Split};
use mtnet_data::{BatchSize, EpochPlan, Loader, sampling_groups};
use mtnet_heads::HeadRegistry;
use mtnet_metrics::{Direction, MetricKind};

use super::card::model_card;
use super::evaluate::{evaluate, main_metrics, majority_scores};
use super::folder::holds_a_run;
use super::run_info::RunInfo;
use super::selection::{MainMetric, Selection, SplitMetrics};
use super::session::{Session, load_weights};
use super::state::{Best, TrainerState};
use super::{Prepared, Progress, RunResults, TrainError};
use crate::checkpoint::{
    Checkpoint, CheckpointWriter, LocalFiles, RunLock, SaveOptions, latest_valid,
};
use crate::events::{
    CheckpointEvent, EvaluationEvent, Event, EventSink, JsonlSink, RunEndEvent, RunEndReason,
    RunStartEvent,
};
use crate::run_file::{EvalStrategy, RunFile, TrainConfig};

/// Where a run goes, and whether it goes on.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// The run folder.
    pub output: PathBuf,
    /// Whether to go on from the newest checkpoint in it.
    pub resume: bool,
}

/// Trains what a run file describes and leaves a run folder: `run.toml` (effective), `run.json`,
/// `metrics.jsonl`, `checkpoint-<step>/`, `results.json` and `model/`.
///
/// # Errors
/// If the run cannot be prepared or diverges. What was saved before stays.
pub fn train(
    run: &RunFile,
    options: &TrainOptions,
    registry: &HeadRegistry,
    progress: &mut (dyn Progress + Send),
) -> Result<RunResults, TrainError> {
    match run.config.train.threads {
        None => train_here(run, options, registry, progress),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(|error| TrainError::Threads {
                threads,
                reason: error.to_string(),
            })?;
            pool.install(|| train_here(run, options, registry, progress))
        }
    }
}

fn train_here(
    run: &RunFile,
    options: &TrainOptions,
    registry: &HeadRegistry,
    progress: &mut (dyn Progress + Send),
) -> Result<RunResults, TrainError> {
    let output = &options.output;
    if !options.resume && holds_a_run(output) {
        return Err(TrainError::FolderInUse {
            folder: output.clone(),
        });
    }
    let lock = RunLock::acquire(&LocalFiles, output)?;
    let prepared = Prepared::new(run, registry, progress)?;
    let mut job = Job::new(run, &prepared, lock, output)?;
    let checkpoint = if options.resume {
        Some(job.resume()?)
    } else {
        None
    };
    job.open_log(checkpoint.as_ref())?;
    progress.stage("training");
    let reason = job.train(progress)?;
    job.finish(reason, progress)
}

/// One run with all its parts.
struct Job<'a> {
    run: &'a RunFile,
    prepared: &'a Prepared,
    session: Session<'a>,
    plan: EpochPlan,
    total_steps: u64,
    state: TrainerState,
    selection: Option<Selection>,
    main: Vec<MainMetric>,
    writer: CheckpointWriter,
    log: Option<JsonlSink>,
    output: &'a Path,
    begun: Instant,
    /// Seconds of training steps alone, in this process and before.
    evaluating: f64,
}

impl<'a> Job<'a> {
    fn new(
        run: &'a RunFile,
        prepared: &'a Prepared,
        lock: RunLock,
        output: &'a Path,
    ) -> Result<Self, TrainError> {
        let config = &run.config.train;
        let corpus = prepared.corpus(Split::Train);
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
            output,
            begun: Instant::now(),
            evaluating: 0.0,
        })
    }

    fn seconds(&self) -> f64 {
        self.state.seconds + self.begun.elapsed().as_secs_f64()
    }

    /// Takes weights, moments, balance and position from the newest valid checkpoint.
    fn resume(&mut self) -> Result<Checkpoint, TrainError> {
        let found = latest_valid(&LocalFiles, self.output)?;
        for damaged in &found.damaged {
            tracing::warn!(
                "{} is damaged and left alone: {}",
                damaged.path.display(),
                damaged.reason
            );
        }
        let Some(checkpoint) = found.latest else {
            let damaged = match found.damaged.len() {
                0 => String::new(),
                count => format!(" ({count} damaged)"),
            };
            return Err(TrainError::NothingToResume {
                folder: self.output.to_owned(),
                damaged,
            });
        };
        let read = |name: &str| checkpoint.read(&LocalFiles, name);
        let state: TrainerState =
            serde_json::from_slice(&read("trainer_state.json")?).map_err(|source| {
                TrainError::Json {
                    path: checkpoint.path().join("trainer_state.json"),
                    source,
                }
            })?;
        if state.run_hash != self.state.run_hash {
            return Err(TrainError::OtherRun {
                folder: checkpoint.path().to_owned(),
                difference: "data, encoder, tasks, seed or training settings were changed since"
                    .to_owned(),
            });
        }
        self.session
            .restore(&read("model.safetensors")?, &read("optimizer.safetensors")?)?;
        self.session.balancer.restore(state.balance.clone())?;
        self.session.tokens = state.tokens;
        self.state = state;
        Ok(checkpoint)
    }

    /// Opens `metrics.jsonl`, and writes `run.toml` and `run.json` at the start of a run.
    fn open_log(&mut self, checkpoint: Option<&Checkpoint>) -> Result<(), TrainError> {
        let path = self.output.join("metrics.jsonl");
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

    fn train(&mut self, progress: &mut (dyn Progress + Send)) -> Result<RunEndReason, TrainError> {
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

    fn stops(&self, config: &TrainConfig) -> Option<RunEndReason> {
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
    fn evaluate(
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

    fn save(&mut self, progress: &mut (dyn Progress + Send)) -> Result<(), TrainError> {
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
        let state = TrainerState {
            global_step: step,
            balance: self.session.balancer.state(),
            tokens: self.session.tokens,
            seconds: self.seconds(),
            ..self.state.clone()
        };
        let mut files = self.session.files()?;
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

    /// Takes the best weights, scores the test data once, and writes results and model.
    fn finish(
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

    fn majority(&self) -> Result<SplitMetrics, TrainError> {
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

    /// The run file with every default filled in and every path absolute.
    fn effective_run(&self) -> Result<String, TrainError> {
        let run = self
            .run
            .with_absolute_paths()
            .map_err(TrainError::file(&self.run.base))?;
        Ok(run.render())
    }

    fn record(&mut self, event: impl Into<Event>) -> Result<(), TrainError> {
        match &mut self.log {
            Some(log) => Ok(log.record(&event.into())?),
            None => Ok(()),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), TrainError> {
        let path = self.output.join(name);
        std::fs::write(&path, bytes).map_err(TrainError::file(path))
    }

    fn write_json<T: serde::Serialize>(&self, name: &str, value: &T) -> Result<(), TrainError> {
        self.write(name, &json(name, value)?)
    }
}

fn json<T: serde::Serialize>(name: &str, value: &T) -> Result<Vec<u8>, TrainError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|source| TrainError::Json {
        path: PathBuf::from(name),
        source,
    })?;
    bytes.push(b'\n');
    Ok(bytes)
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
