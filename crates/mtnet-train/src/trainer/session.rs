//! A run in progress: model, optimizer, balance and counters, and one optimizer step.

use std::collections::BTreeMap;
use std::time::Instant;

use candle_core::Var;
use mtnet_balance::{Observation, ObservationKind, TaskLosses};
use mtnet_core::{PackedBatch, RandomStream, TaskName};
use mtnet_kernels::Mode;
use mtnet_model::ModelFolder;

use super::TrainError;
use super::backward::{Backward, BatchPlace, Weighted, loss_values};
use super::selection::{MainMetric, SplitMetrics};
use crate::checkpoint::FileContent;
use crate::events::StepEvent;
use crate::optimizer::{GroupRules, Optimizer, OptimizerError, OptimizerState};
use crate::run_file::RunFile;
use crate::schedule::Schedule;

/// Everything that a step reads and changes, but for the position in the data.
pub(super) struct Session<'a> {
    pub folder: &'a ModelFolder,
    pub optimizer: Optimizer,
    pub schedule: Schedule,
    /// From losses to gradients, with the balancing method.
    pub backward: Backward<'a>,
    /// Tokens read by steps.
    pub tokens: u64,
    variables: BTreeMap<String, Var>,
    /// The last batch of the step that is being made.
    place: Option<BatchPlace>,
    /// The batch of the step and its dropout, where the balancing method looks at it again.
    observed: Option<(PackedBatch, Mode, u64)>,
    dropout: RandomStream,
    learning_rate: f64,
    window: Window,
}

impl<'a> Session<'a> {
    pub fn new(
        run: &RunFile,
        folder: &'a ModelFolder,
        total_steps: u64,
    ) -> Result<Self, TrainError> {
        let (model, config) = (&folder.model, &run.config);
        let variables: BTreeMap<String, Var> = model.parameters().trainable().into_iter().collect();
        let rules = GroupRules {
            layers: model.encoder().layers(),
            layer_of: &|name| model.encoder().layer_of(name),
            frozen: &|_| false,
        };
        let optimizer_config = &config.train.optimizer;
        let parameters = rules.assign(optimizer_config, &variables);
        Ok(Self {
            folder,
            optimizer: Optimizer::new(optimizer_config, parameters)?,
            schedule: Schedule::new(&config.train.schedule, total_steps)?,
            backward: Backward::new(model, &variables, config)?,
            tokens: 0,
            variables,
            place: None,
            observed: None,
            dropout: RandomStream::new(config.run.seed).child("dropout"),
            learning_rate: optimizer_config.learning_rate,
            window: Window::new(),
        })
    }

    /// Optimizer steps done.
    pub fn steps(&self) -> u64 {
        self.optimizer.steps()
    }

    /// Numbers that are trained.
    pub fn trained_parameters(&self) -> u64 {
        self.variables
            .values()
            .map(|var| var.elem_count() as u64)
            .sum()
    }

    /// Adds the gradients of one batch, the `part`-th of `parts` of a step.
    pub fn add(
        &mut self,
        batch: &PackedBatch,
        epoch: usize,
        part: usize,
        parts: usize,
    ) -> Result<(), TrainError> {
        let place = BatchPlace {
            step: self.steps(),
            epoch: epoch as u64,
            part,
            parts,
        };
        let mode = Mode::Train(self.dropout.at(place.step).at(part as u64));
        self.tokens += batch.tokens() as u64;
        self.window.tokens += batch.tokens() as u64;
        if let Some(weighted) = self.backward.add(batch, &mode, place)? {
            self.note(&weighted, 1.0 / parts as f64);
        }
        self.place = Some(place);
        if self.backward.method.observes() == Some(ObservationKind::LossesAfterStep) {
            self.observed = Some((batch.clone(), mode, place.epoch));
        }
        Ok(())
    }

    /// Moves the parameters by what was added.
    pub fn step(&mut self) -> Result<(), TrainError> {
        let step = self.steps();
        if let Some(place) = self.place.take()
            && let Some(weighted) = self.backward.complete(place)?
        {
            self.note(&weighted, 1.0);
        }
        let factor = self.schedule.learning_rate_factor(step);
        let [shared, heads] = self.backward.gradients();
        let report =
            self.optimizer
                .step(&[shared, heads][..], factor)
                .map_err(|error| match error {
                    OptimizerError::NonFiniteGradient { parameter } => TrainError::Diverged {
                        step,
                        what: format!("the gradient of `{parameter}`"),
                        value: f64::NAN,
                    },
                    other => other.into(),
                })?;
        self.folder.model.weights_changed();
        self.backward.clear();
        if let Some((batch, mode, epoch)) = self.observed.take() {
            let losses = self.folder.model.pass(&batch, &mode)?.losses()?;
            let values = loss_values(&self.folder.model, &losses, step)?;
            let losses = TaskLosses::new(values)?.at(step, epoch);
            self.backward
                .method
                .observe(Observation::LossesAfterStep(&losses))?;
        }
        self.window.steps += 1;
        self.window.grad_norm = report.grad_norm;
        self.window.learning_rate = self.learning_rate * factor;
        Ok(())
    }

    /// Takes losses and weights into what the next line of the log says.
    fn note(&mut self, weighted: &Weighted, share: f64) {
        for (task, pair) in self.folder.model.tasks().iter().zip(weighted) {
            if let Some((loss, weight)) = *pair {
                self.window.add(&task.spec.name, loss, weight);
                self.window.total += share * loss * weight.unwrap_or(1.0);
            }
        }
    }

    /// Tells the balancing method what the development data says, where it asks for that: losses,
    /// or `main` metrics held to 0..=1.
    pub fn observe(
        &mut self,
        metrics: &SplitMetrics,
        main: &[MainMetric],
        epoch: u64,
    ) -> Result<(), TrainError> {
        let Some(kind) = self.backward.method.observes() else {
            return Ok(());
        };
        let values = main.iter().map(|main| {
            let scores = metrics.get(&main.task)?;
            match kind {
                ObservationKind::ValidationScores => {
                    let value = scores.get(&main.metric)?.clamp(0.0, 1.0);
                    value.is_finite().then_some(value)
                }
                _ => scores.get("loss").copied().filter(|loss| loss.is_finite()),
            }
        });
        let observed = TaskLosses::new(values.collect())?.at(self.steps(), epoch);
        match kind {
            ObservationKind::ValidationLosses => Ok(self
                .backward
                .method
                .observe(Observation::ValidationLosses(&observed))?),
            ObservationKind::ValidationScores => Ok(self
                .backward
                .method
                .observe(Observation::ValidationScores(&observed))?),
            _ => Ok(()),
        }
    }

    /// What happened since the last call.
    pub fn report(&mut self, epoch: f64, seconds: f64) -> StepEvent {
        let window = std::mem::replace(&mut self.window, Window::new());
        window.event(self.steps(), epoch, seconds)
    }

    /// Files of a checkpoint that belong to the session.
    pub fn files(&self) -> Result<Vec<(String, FileContent<'static>)>, TrainError> {
        let mut files: Vec<(String, FileContent<'static>)> = self
            .folder
            .files()?
            .into_iter()
            .map(|(name, bytes)| (name, bytes.into()))
            .collect();
        files.push((
            "optimizer.safetensors".to_owned(),
            self.optimizer.state()?.to_safetensors()?.into(),
        ));
        Ok(files)
    }

    /// Goes on from the files of a checkpoint.
    pub fn restore(&mut self, weights: &[u8], optimizer: &[u8]) -> Result<(), TrainError> {
        load_weights(self.folder, weights)?;
        self.optimizer
            .load_state(OptimizerState::from_safetensors(optimizer)?)?;
        Ok(())
    }
}

/// Sets all parameters of a model from the content of its `model.safetensors`.
pub(super) fn load_weights(folder: &ModelFolder, bytes: &[u8]) -> Result<(), TrainError> {
    let tensors = candle_core::safetensors::load_buffer(bytes, &candle_core::Device::Cpu)?;
    for (name, var) in folder.model.parameters().vars() {
        match tensors.get(&name) {
            Some(tensor) => var.set(&tensor.to_device(var.device())?)?,
            None => {
                let missing = format!("the checkpoint lacks tensor `{name}`");
                return Err(candle_core::Error::Msg(missing).into());
            }
        }
    }
    folder.model.weights_changed();
    Ok(())
}

/// Sums from one logged step to the next.
struct Window {
    since: Instant,
    steps: u64,
    tokens: u64,
    total: f64,
    losses: BTreeMap<TaskName, TaskWindow>,
    grad_norm: f64,
    learning_rate: f64,
}

impl Window {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            steps: 0,
            tokens: 0,
            total: 0.0,
            losses: BTreeMap::new(),
            grad_norm: 0.0,
            learning_rate: 0.0,
        }
    }

    fn add(&mut self, task: &TaskName, loss: f64, weight: Option<f64>) {
        let sums = self.losses.entry(task.clone()).or_default();
        sums.loss += loss;
        sums.count += 1;
        if let Some(weight) = weight {
            sums.weight += weight;
            sums.weighted += 1;
        }
    }

    fn event(self, step: u64, epoch: f64, seconds: f64) -> StepEvent {
        let tasks = || self.losses.iter();
        StepEvent {
            step,
            epoch,
            loss: self.total / self.steps.max(1) as f64,
            task_losses: tasks()
                .map(|(task, sums)| (task.clone(), sums.loss / sums.count as f64))
                .collect(),
            task_weights: tasks()
                .filter(|(_, sums)| sums.weighted > 0)
                .map(|(task, sums)| (task.clone(), sums.weight / sums.weighted as f64))
                .collect(),
            learning_rate: self.learning_rate,
            grad_norm: self.grad_norm,
            tokens: self.tokens,
            tokens_per_second: self.tokens as f64 / self.since.elapsed().as_secs_f64().max(1e-9),
            seconds,
        }
    }
}

/// Sums of one task.
#[derive(Default)]
struct TaskWindow {
    loss: f64,
    count: u64,
    weight: f64,
    weighted: u64,
}
