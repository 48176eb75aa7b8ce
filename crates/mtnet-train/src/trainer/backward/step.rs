//! The gradient of one optimizer step, batch by batch.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use candle_core::Var;
use mtnet_balance::{GradientPlace, TaskInfo, TaskLosses};
use mtnet_core::PackedBatch;
use mtnet_kernels::{GradientBuffer, Mode, gradient_products};
use mtnet_model::MultiTaskModel;

use super::combine::combine;
use super::diagnostics::{Diagnostics, Sample};
use super::forward::Forward;
use super::layouts::Layouts;
use super::learn::Ground;
use super::method::BalanceMethod;
use super::objective::Objective;
use super::tasks::TaskGradients;
use super::weighted::{Into, backward_representation, backward_weighted};
use crate::run_file::RunConfig;
use crate::trainer::TrainError;
use crate::trainer::distillation::Distilled;

/// Where a batch stands in a run.
#[derive(Clone, Copy, Debug)]
pub(in crate::trainer) struct BatchPlace {
    /// Optimizer steps done.
    pub step: u64,
    /// The epoch, from 0.
    pub epoch: u64,
    /// Which of the batches of the step.
    pub part: usize,
    /// How many there are.
    pub parts: usize,
}

/// Loss of each task of a batch or step, with its weight where it has one.
pub(in crate::trainer) type Weighted = Vec<Option<(f64, Option<f64>)>>;

/// Everything between losses and the optimizer.
#[derive(Debug)]
pub(in crate::trainer) struct Backward<'a> {
    pub method: BalanceMethod,
    pub diagnostics: Diagnostics,
    objective: Objective,
    model: &'a MultiTaskModel,
    layouts: Arc<Layouts>,
    blocks: Vec<Range<usize>>,
    shared: GradientBuffer,
    heads: GradientBuffer,
    tasks: TaskGradients,
    may_skip_gradients: bool,
}

impl<'a> Backward<'a> {
    pub fn new(
        model: &'a MultiTaskModel,
        variables: &BTreeMap<String, Var>,
        config: &RunConfig,
    ) -> Result<Self, TrainError> {
        let tasks: Vec<TaskInfo> = model
            .tasks()
            .iter()
            .map(|task| TaskInfo::new(task.spec.name.as_str(), task.head.classes()))
            .collect();
        let layouts = Arc::new(Layouts::new(model, variables));
        let blocks = layouts.blocks(config.balance.granularity);
        let method = BalanceMethod::new(&config.balance, &tasks, config.run.seed, blocks.len())?;
        let objective = Objective {
            r_drop: config.train.r_drop,
            perturbed_only: config
                .adversarial
                .as_ref()
                .is_some_and(|a| a.replaces_texts()),
            distilled: None,
        };
        let names = model.tasks().iter().map(|task| task.spec.name.clone());
        Ok(Self {
            method,
            diagnostics: Diagnostics::new(names.collect(), config),
            model,
            shared: GradientBuffer::new(&layouts.shared),
            heads: GradientBuffer::new(&layouts.heads),
            tasks: TaskGradients::new(tasks.len()).minimising(objective.clone()),
            objective,
            // Without wrappers, a method on gradients always looks at them.
            may_skip_gradients: blocks.len() == 1 && !config.balance.wrap.is_empty(),
            blocks,
            layouts,
        })
    }

    /// The same where tasks learn from teachers too.
    pub fn distil(&mut self, distilled: Distilled) {
        self.objective.distilled = Some(distilled);
        let tasks = TaskGradients::new(self.model.tasks().len());
        self.tasks = tasks.minimising(self.objective.clone());
    }

    /// What is minimised.
    pub fn objective(&self) -> &Objective {
        &self.objective
    }

    /// The gradients of the step: the shared parameters' and the heads'.
    pub fn gradients(&self) -> [&GradientBuffer; 2] {
        [&self.shared, &self.heads]
    }

    /// The shared parameters' gradient, to be changed.
    pub fn shared_mut(&mut self) -> &mut GradientBuffer {
        &mut self.shared
    }

    /// What further losses of a batch are added by.
    pub(super) fn ground(&mut self) -> Ground<'_> {
        Ground {
            model: self.model,
            layouts: &self.layouts,
            raw_heads: self.method.raw_heads(),
            shared: &mut self.shared,
            heads: &mut self.heads,
            tasks: &mut self.tasks,
        }
    }

    /// Where the trained parameters lie.
    pub fn layouts(&self) -> Arc<Layouts> {
        Arc::clone(&self.layouts)
    }

    /// Zero again, for the next step.
    pub fn clear(&mut self) {
        self.shared.clear();
        self.heads.clear();
        self.tasks.clear();
    }

    /// Adds one batch. Gives each task's loss and weight, or `None` where the method finds the
    /// weights when the step is [`complete`](Self::complete).
    pub fn add(
        &mut self,
        batch: &PackedBatch,
        mode: &Mode,
        place: BatchPlace,
    ) -> Result<Option<Weighted>, TrainError> {
        let mut into = Into {
            shared: &mut self.shared,
            heads: &mut self.heads,
            share: match self.objective.perturbed_only {
                true => 0.0,
                false => 1.0 / place.parts as f64,
            },
            raw_heads: self.method.raw_heads(),
        };
        match &mut self.method {
            BalanceMethod::Losses { balancer, .. } => {
                let forward = Forward::new(self.model, batch, mode, place, &self.objective)?;
                let weights = balancer.weigh(&forward.losses)?;
                backward_weighted(&forward, &weights, &mut into)?;
                if self.diagnostics.samples(place) {
                    let layouts = Arc::clone(&self.layouts);
                    self.look(&forward, &weights, &layouts)?;
                }
                Ok(Some(forward.weighted(|task| weights.get(task))))
            }
            BalanceMethod::Gradients {
                balancer,
                at: GradientPlace::Representation,
                ..
            } => {
                let forward = Forward::new(self.model, batch, mode, place, &self.objective)?;
                let direction = backward_representation(balancer, &forward, &mut into)?;
                let weights = direction.weights.as_ref();
                let known: Option<Vec<f64>> =
                    weights.map(|weights| weights.values().iter().flatten().copied().collect());
                let sample = Sample {
                    tasks: &direction.tasks,
                    products: &direction.products,
                    weights: known.as_deref(),
                };
                self.diagnostics.take(sample, &[], |_| Ok(Vec::new()))?;
                Ok(Some(forward.weighted(|task| weights?.get(task))))
            }
            BalanceMethod::Gradients { balancer, .. } => {
                // With one batch a step, wrappers may know the weights without the gradients.
                if self.may_skip_gradients && place.parts == 1 {
                    let forward = Forward::new(self.model, batch, mode, place, &self.objective)?;
                    let weights = balancer.weigh_by_losses(&forward.losses)?;
                    if let Some(weights) = weights.and_then(|all| all.into_iter().next()) {
                        backward_weighted(&forward, &weights, &mut into)?;
                        return Ok(Some(forward.weighted(|task| weights.get(task))));
                    }
                }
                let (layouts, heads) = (&self.layouts, &mut self.heads);
                self.tasks
                    .add_batch(self.model, batch, mode, place.step, layouts, heads)?;
                Ok(None)
            }
        }
    }

    /// Makes the gradient of a step whose batches are all added, where [`add`](Self::add) left
    /// that open; gives each task's loss and weight then.
    pub fn complete(&mut self, place: BatchPlace) -> Result<Option<Weighted>, TrainError> {
        let values = self.tasks.mean_losses();
        let raw_heads = self.method.raw_heads();
        let BalanceMethod::Gradients { balancer, .. } = &mut self.method else {
            return Ok(None);
        };
        if values.iter().all(Option::is_none) {
            return Ok(None);
        }
        let losses = TaskLosses::new(values.clone())?.at(place.step, place.epoch);
        let counts: Vec<f64> = (0..values.len())
            .map(|task| self.tasks.count(task))
            .collect();
        let (tasks, gradients) = self.tasks.means()?;
        let combined = combine(
            balancer,
            &gradients,
            &losses,
            &self.blocks,
            &mut self.shared,
        )?;
        let weights = combined.weights.as_deref();
        let mut weighted: Weighted = vec![None; values.len()];
        for (row, &task) in tasks.iter().enumerate() {
            let weight = weights.map(|weights| weights[row]);
            let of_head = if raw_heads {
                1.0
            } else {
                weight.unwrap_or(1.0)
            };
            let entries = self.layouts.head_entries[task].clone();
            self.heads.scale(entries, of_head / counts[task])?;
            weighted[task] = values[task].map(|value| (value, weight));
        }
        let sample = Sample {
            tasks: &tasks,
            products: &combined.products,
            weights,
        };
        let layers = |entries| Ok(gradient_products(&gradients, entries)?);
        self.diagnostics
            .take(sample, &self.layouts.layers, layers)?;
        Ok(Some(weighted))
    }
}
