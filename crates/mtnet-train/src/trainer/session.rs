//! A run in progress: model, optimizer, balance and counters, and one optimizer step.

use std::collections::BTreeMap;

use candle_core::Var;
use mtnet_balance::{Observation, ObservationKind, TaskLosses};
use mtnet_core::{PackedBatch, RandomStream};
use mtnet_kernels::Mode;
use mtnet_model::ModelFolder;

use super::TrainError;
use super::averaging::Averaging;
use super::backward::{Adversary, Backward, BatchPlace, Weighted, loss_values, twice};
use super::distillation::Distilled;
use super::explain::guess;
use super::lifecycle::{Lifecycle, with_own_rates};
use super::selection::{MainMetric, SplitMetrics};
use super::unfreezing::{Learning, Unfreezing};
use super::window::{LogWindow, Window};
use crate::events::StepEvent;
use crate::monitor::{Before, Monitor, StepNumbers, WatchedTask, fingerprints};
use crate::optimizer::{GroupRules, Optimizer, StepReport, clip_adaptively};
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
    /// What watches it.
    pub monitor: Monitor,
    /// What the learning rate is multiplied by beside the schedule.
    pub rate_scale: f64,
    /// Averages of the weights, where there are to be some.
    pub averaging: Option<Averaging>,
    /// Which tasks rest.
    pub lifecycle: Lifecycle,
    unfreezing: Unfreezing,
    /// Share of a unit's weights that its gradient is cut to.
    adaptive_clipping: Option<f64>,
    doubles: bool,
    adversary: Option<Adversary>,
    pub(super) variables: BTreeMap<String, Var>,
    /// Batches of the step that is being made, with their dropout.
    pub(super) batches: Vec<(PackedBatch, Mode)>,
    /// The last batch of the step that is being made.
    place: Option<BatchPlace>,
    /// The batch of the step and its dropout, where the balancing method looks at it again.
    observed: Option<(PackedBatch, Mode, u64)>,
    dropout: RandomStream,
    learning_rate: f64,
    pub(super) window: Window,
    /// The sums of the log before the step that is being made.
    before_step: LogWindow,
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
        let parameters = with_own_rates(parameters, &config.task);
        let backward = Backward::new(model, &variables, config)?;
        let layouts = backward.layouts();
        let layers = variables
            .keys()
            .filter_map(|name| Some((name.clone(), layouts.layer_of(name)?)));
        let tasks = model.tasks().iter().map(|task| WatchedTask {
            name: task.spec.name.clone(),
        });
        Ok(Self {
            folder,
            optimizer: Optimizer::new(optimizer_config, parameters)?,
            schedule: Schedule::new(&config.train.schedule, total_steps)?,
            monitor: Monitor::new(config.monitor(), tasks.collect(), layers.collect()),
            backward,
            tokens: 0,
            rate_scale: 1.0,
            averaging: Averaging::new(&config.train, total_steps)?,
            lifecycle: Lifecycle::default(),
            unfreezing: Unfreezing::new(config.train.unfreeze_steps, model.encoder(), &variables),
            adaptive_clipping: optimizer_config.adaptive_clipping,
            doubles: config.train.r_drop.is_some(),
            adversary: Adversary::new(config),
            variables,
            batches: Vec::new(),
            place: None,
            observed: None,
            dropout: RandomStream::new(config.run.seed).child("dropout"),
            learning_rate: optimizer_config.learning_rate,
            window: Window::new(),
            before_step: LogWindow::default(),
        })
    }

    /// Learns from teachers too.
    pub fn distil(&mut self, distilled: Distilled) {
        self.backward.distil(distilled);
    }

    fn has_teacher(&self, task: usize) -> bool {
        let distilled = self.backward.objective().distilled.as_ref();
        distilled.is_some_and(|distilled| distilled.teaches(task))
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
        if part == 0 {
            self.before_step = self.window.state.clone();
        }
        self.tokens += batch.tokens() as u64;
        self.window.state.tokens += batch.tokens() as u64;
        self.monitor.batch(place.step + 1, batch);
        let awake = self.lifecycle.without_resting(batch);
        let batch = awake.as_ref().unwrap_or(batch);
        if awake.is_some() && batch.targets.is_empty() {
            return Ok(());
        }
        let doubled;
        let batch = match self.doubles {
            true => {
                doubled = twice(batch);
                &doubled
            }
            false => batch,
        };
        self.batches.push((batch.clone(), mode));
        let added = self.backward.add(batch, &mode, place);
        let weighted = added.map_err(|error| self.explain(error))?;
        if let Some(adversary) = &self.adversary {
            self.backward
                .add_adversarial(adversary, batch, &mode, place, weighted.as_ref())?;
        }
        if let Some(weighted) = weighted {
            self.note(&weighted, 1.0 / parts as f64)?;
        }
        self.place = Some(place);
        if self.backward.method.observes() == Some(ObservationKind::LossesAfterStep) {
            self.observed = Some((batch.clone(), mode, place.epoch));
        }
        Ok(())
    }

    /// Moves the parameters by what was added.
    ///
    /// # Errors
    /// [`TrainError::NonFinite`] where a gradient is not finite: no parameter moved, and the step
    /// can be [skipped](Self::skip).
    pub fn step(&mut self) -> Result<(), TrainError> {
        let step = self.steps();
        if self.batches.is_empty() {
            // Every task of the step rests.
            self.skip();
            return Ok(());
        }
        if let Some(place) = self.place.take() {
            let completed = self.backward.complete(place);
            if let Some(weighted) = completed.map_err(|error| self.explain(error))? {
                self.note(&weighted, 1.0)?;
            }
        }
        let factor = self.schedule.learning_rate_factor(step) * self.rate_scale;
        let report = self.update(step + 1, factor)?;
        self.folder.model.weights_changed();
        self.backward.clear();
        self.batches.clear();
        self.observe_losses(step)?;
        self.monitor.step(StepNumbers {
            step: step + 1,
            grad_norm: report.grad_norm,
            clip_scale: report.clip_scale,
            warm: step >= self.schedule.warmup_steps(),
        });
        if self.monitor.compares(step + 1) {
            let bits = fingerprints(&self.optimizer);
            let unfreezing = &self.unfreezing;
            // What joined since the last look has had less time.
            let last = (step + 1).saturating_sub(self.monitor.unchanged_steps());
            let lifecycle = &self.lifecycle;
            let waits = |name: &str| unfreezing.waits(name, last) || lifecycle.rested(name, last);
            self.monitor.compare(step + 1, bits, &waits);
        }
        if let Some(averaging) = &mut self.averaging {
            averaging.update(step + 1, &self.variables)?;
        }
        let window = &mut self.window.state;
        window.steps += 1;
        window.grad_norm = report.grad_norm;
        window.learning_rate = self.learning_rate * factor;
        Ok(())
    }

    /// Leaves out the step that is being made: nothing moves, and the count goes on.
    pub fn skip(&mut self) {
        self.backward.clear();
        self.batches.clear();
        (self.place, self.observed) = (None, None);
        let tokens = self.window.state.tokens;
        self.window.state = std::mem::take(&mut self.before_step);
        self.window.state.tokens = tokens;
        self.monitor.forget_step();
        self.optimizer.skip();
    }

    /// The optimizer's update, with the monitors' look around it. `step` counts from 1.
    fn update(&mut self, step: u64, factor: f64) -> Result<StepReport, TrainError> {
        if step == 1 && self.monitor.compares(0) {
            let bits = fingerprints(&self.optimizer);
            self.monitor.compare(0, bits, &|_| false);
        }
        if let Some(share) = self.adaptive_clipping {
            clip_adaptively(self.backward.shared_mut(), share)?;
        }
        let gradients = &Learning {
            gradients: self.backward.gradients(),
            unfreezing: &self.unfreezing,
            step: step - 1,
        };
        let before = self
            .monitor
            .looks(step - 1)
            .then(|| Before::new(&self.optimizer, gradients));
        let report = match self.optimizer.step(gradients, factor) {
            Ok(report) => report,
            Err(error) => return Err(self.explain(error.into())),
        };
        if let Some(before) = before {
            let looks = before.looks(&self.optimizer, gradients);
            self.monitor.look(step, factor, &looks);
        }
        Ok(report)
    }

    /// Tells a method that asks for it the losses of the same batch after the update.
    fn observe_losses(&mut self, step: u64) -> Result<(), TrainError> {
        let Some((batch, mode, epoch)) = self.observed.take() else {
            return Ok(());
        };
        let pass = self.folder.model.pass(&batch, &mode)?;
        let objective = self.backward.objective();
        let losses = objective.of_one_mask(&self.folder.model, &pass, step)?;
        let values = match loss_values(&self.folder.model, &losses, step) {
            // The next step will notice it by itself, before it moves anything.
            Err(TrainError::NonFinite(_)) => return Ok(()),
            values => values?,
        };
        let losses = TaskLosses::new(values)?.at(step, epoch);
        let observation = Observation::LossesAfterStep(&losses);
        Ok(self.backward.method.observe(observation)?)
    }

    /// Takes losses and weights into what the next line of the log says.
    fn note(&mut self, weighted: &Weighted, share: f64) -> Result<(), TrainError> {
        let step = self.steps() + 1;
        let tasks = self.folder.model.tasks().iter().enumerate();
        for ((index, task), pair) in tasks.zip(weighted) {
            if let Some((loss, weight)) = *pair {
                let name = &task.spec.name;
                // What equal scores give is known of labels alone.
                if !self.has_teacher(index)
                    && self.monitor.awaits_first(step, name)
                    && let Some((expected, rows)) = guess(task, self.batches.last())?
                {
                    self.monitor.first_loss(step, name, loss, expected, rows);
                }
                self.monitor.loss(name, loss, weight);
                let window = &mut self.window.state;
                window.add(&task.spec.name, loss, weight);
                window.total += share * loss * weight.unwrap_or(1.0);
            }
        }
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
}
