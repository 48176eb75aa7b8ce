//! A run in progress: model, optimizer, balance and counters, and one optimizer step.

use std::collections::BTreeMap;
use std::time::Instant;

use candle_core::{DType, Tensor, Var};
use mtnet_balance::{Balancer, Observation, ObservationKind, TaskInfo, TaskLosses};
use mtnet_core::{PackedBatch, RandomStream, TaskName};
use mtnet_heads::HeadLoss;
use mtnet_kernels::Mode;
use mtnet_model::ModelFolder;

use super::TrainError;
use super::selection::{MainMetric, SplitMetrics};
use crate::checkpoint::FileContent;
use crate::events::StepEvent;
use crate::optimizer::{
    GradientAccumulator, Gradients, GroupRules, Optimizer, OptimizerError, OptimizerState,
};
use crate::run_file::RunFile;
use crate::schedule::Schedule;

/// Everything that a step reads and changes, but for the position in the data.
pub(super) struct Session<'a> {
    pub folder: &'a ModelFolder,
    pub optimizer: Optimizer,
    pub schedule: Schedule,
    pub balancer: Balancer,
    /// Tokens read by steps.
    pub tokens: u64,
    variables: BTreeMap<String, Var>,
    gradients: GradientAccumulator,
    /// The batch of the step and its dropout, where the balancing method looks at it again.
    observed: Option<(PackedBatch, Mode, u64)>,
    /// Gradients of a step of one batch, which need no sum.
    single: Option<Gradients>,
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
        let tasks: Vec<TaskInfo> = model
            .tasks()
            .iter()
            .map(|task| TaskInfo::new(task.spec.name.as_str(), task.head.classes()))
            .collect();
        Ok(Self {
            folder,
            optimizer: Optimizer::new(optimizer_config, parameters)?,
            schedule: Schedule::new(&config.train.schedule, total_steps)?,
            balancer: config.balance.build_with_seed(&tasks, config.run.seed)?,
            tokens: 0,
            variables,
            gradients: GradientAccumulator::new(),
            single: None,
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
        let step = self.steps();
        let mode = Mode::Train(self.dropout.at(step).at(part as u64));
        let losses = self.folder.model.losses(batch, &mode)?;
        self.tokens += batch.tokens() as u64;
        self.window.tokens += batch.tokens() as u64;
        let values = self.values(&losses)?;
        let weights = self
            .balancer
            .weigh(&TaskLosses::new(values.clone())?.at(step, epoch as u64))?;
        let mut total: Option<Tensor> = None;
        for (index, loss) in losses.into_iter().enumerate() {
            let (Some(loss), Some(weight), Some(value)) = (loss, weights.get(index), values[index])
            else {
                continue;
            };
            self.window
                .add(&self.folder.model.tasks()[index].spec.name, value, weight);
            let weighted = (loss.mean * weight)?;
            total = Some(match total {
                Some(total) => (total + weighted)?,
                None => weighted,
            });
        }
        self.window.total += weights.total() / parts as f64;
        if self.balancer.observes() == Some(ObservationKind::LossesAfterStep) {
            self.observed = Some((batch.clone(), mode, epoch as u64));
        }
        if let Some(total) = total {
            let mut store = total.backward()?;
            if parts == 1 {
                self.single = Some(Gradients::take_from(&mut store, &self.variables)?);
            } else {
                let share = 1.0 / parts as f64;
                self.gradients
                    .add_from(&mut store, &self.variables, share)?;
            }
        }
        Ok(())
    }

    /// Moves the parameters by what was added.
    pub fn step(&mut self) -> Result<(), TrainError> {
        let step = self.steps();
        let factor = self.schedule.learning_rate_factor(step);
        let gradients = match self.single.take() {
            Some(gradients) => gradients,
            None => self.gradients.take(),
        };
        let report = self
            .optimizer
            .step(&gradients, factor)
            .map_err(|error| match error {
                OptimizerError::NonFiniteGradient { parameter } => TrainError::Diverged {
                    step,
                    what: format!("the gradient of `{parameter}`"),
                    value: f64::NAN,
                },
                other => other.into(),
            })?;
        if let Some((batch, mode, epoch)) = self.observed.take() {
            let losses = self.folder.model.losses(&batch, &mode)?;
            let values = self.values(&losses)?;
            let losses = TaskLosses::new(values)?.at(step, epoch);
            self.balancer
                .observe(Observation::LossesAfterStep(&losses))?;
        }
        self.window.steps += 1;
        self.window.grad_norm = report.grad_norm;
        self.window.learning_rate = self.learning_rate * factor;
        Ok(())
    }

    /// Tells the balancing method what the development data says, where it asks for that: losses,
    /// or `main` metrics held to 0..=1.
    pub fn observe(
        &mut self,
        metrics: &SplitMetrics,
        main: &[MainMetric],
        epoch: u64,
    ) -> Result<(), TrainError> {
        let Some(kind) = self.balancer.observes() else {
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
                .balancer
                .observe(Observation::ValidationLosses(&observed))?),
            ObservationKind::ValidationScores => Ok(self
                .balancer
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

    /// The losses as numbers, all of them finite.
    fn values(&self, losses: &[Option<HeadLoss>]) -> Result<Vec<Option<f64>>, TrainError> {
        let mut values = Vec::with_capacity(losses.len());
        for (loss, task) in losses.iter().zip(self.folder.model.tasks()) {
            let value = match loss {
                Some(loss) => Some(scalar(&loss.mean)?),
                None => None,
            };
            if let Some(value) = value.filter(|value| !value.is_finite()) {
                return Err(TrainError::Diverged {
                    step: self.steps(),
                    what: format!("the loss of task `{}`", task.spec.name),
                    value,
                });
            }
            values.push(value);
        }
        Ok(values)
    }
}

fn scalar(tensor: &Tensor) -> Result<f64, TrainError> {
    Ok(f64::from(tensor.to_dtype(DType::F32)?.to_scalar::<f32>()?))
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
    Ok(())
}

/// Sums from one logged step to the next.
struct Window {
    since: Instant,
    steps: u64,
    tokens: u64,
    total: f64,
    losses: BTreeMap<TaskName, (f64, f64, u64)>,
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

    fn add(&mut self, task: &TaskName, loss: f64, weight: f64) {
        let (losses, weights, count) = self.losses.entry(task.clone()).or_default();
        *losses += loss;
        *weights += weight;
        *count += 1;
    }

    fn event(self, step: u64, epoch: f64, seconds: f64) -> StepEvent {
        let mean = |of: fn(&(f64, f64, u64)) -> f64| {
            self.losses
                .iter()
                .map(|(task, sums)| (task.clone(), of(sums) / sums.2 as f64))
                .collect()
        };
        StepEvent {
            step,
            epoch,
            loss: self.total / self.steps.max(1) as f64,
            task_losses: mean(|sums| sums.0),
            task_weights: mean(|sums| sums.1),
            learning_rate: self.learning_rate,
            grad_norm: self.grad_norm,
            tokens: self.tokens,
            tokens_per_second: self.tokens as f64 / self.since.elapsed().as_secs_f64().max(1e-9),
            seconds,
        }
    }
}
