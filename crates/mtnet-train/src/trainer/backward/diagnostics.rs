//! How the tasks' gradients of the shared parameters get on with each other.
//!
//! From the products `⟨g_i, g_j⟩` and the weights `w` of a step: norms, cosines, the share of
//! pairs whose cosine is below 0, and each task's share of the combined gradient
//! `d = Σ w_i g_i`, `w_i ⟨g_i, d⟩ / ‖d‖²`; the shares of a step sum to 1 and may be negative.

use std::collections::BTreeSet;
use std::ops::Range;

use mtnet_balance::MethodKind;
use mtnet_core::TaskName;
use serde::{Deserialize, Serialize};

use super::step::BatchPlace;
use super::summary::Sums;
use crate::events::{AlarmEvent, AlarmKind, BalanceSummary};
use crate::run_file::{GradientStats, RunConfig};
use crate::trainer::TrainError;

/// Looks at gradients that an alarm needs before it speaks of "long".
const LEAST_SAMPLES: u64 = 10;
/// Steps that conflicts need, since methods on gradients look in every step.
const LEAST_CONFLICT_STEPS: u64 = 200;
/// Share of the combined gradient from which a task dominates.
const DOMINANT: f64 = 0.8;
/// Mean cosine up to which two tasks oppose each other.
const OPPOSING: f64 = -0.1;

/// One look at the gradients of a step.
pub(super) struct Sample<'a> {
    /// Positions of the tasks, rising.
    pub tasks: &'a [usize],
    /// Products of their gradients `(tasks, tasks)`.
    pub products: &'a [f64],
    /// Their weights, where the direction is a weighted sum.
    pub weights: Option<&'a [f64]>,
}

/// Running means of what was seen of the gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostics {
    tasks: Vec<TaskName>,
    every: u64,
    by_layer: bool,
    /// Whether the method weighs gradients already.
    on_gradients: bool,
    state: DiagnosticsState,
}

/// What a checkpoint keeps of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiagnosticsState {
    window: Sums,
    whole: Sums,
    warned: BTreeSet<String>,
}

impl Diagnostics {
    pub(super) fn new(tasks: Vec<TaskName>, config: &RunConfig) -> Self {
        let on_gradients = config.balance.kind() != MethodKind::Losses;
        let config = &config.train;
        Self {
            on_gradients,
            every: config.gradient_stats_steps,
            by_layer: config.gradient_stats == GradientStats::Layer,
            state: DiagnosticsState {
                window: Sums::new(tasks.len()),
                whole: Sums::new(tasks.len()),
                warned: BTreeSet::new(),
            },
            tasks,
        }
    }

    /// Whether this batch of a method on losses is one to look at.
    pub(super) fn samples(&self, place: BatchPlace) -> bool {
        self.tasks.len() > 1
            && self.every > 0
            && place.part == 0
            && place.step.is_multiple_of(self.every)
    }

    /// Takes in one look; `products_of` gives the products over some entries, for each layer.
    pub(super) fn take(
        &mut self,
        sample: Sample<'_>,
        layers: &[(String, Range<usize>)],
        products_of: impl Fn(Range<usize>) -> Result<Vec<f64>, TrainError>,
    ) -> Result<(), TrainError> {
        if self.every == 0 || self.tasks.len() < 2 {
            return Ok(());
        }
        let state = &mut self.state;
        state.window.take(&sample);
        state.whole.take(&sample);
        if self.by_layer {
            for (layer, entries) in layers {
                let products = products_of(entries.clone())?;
                let sample = Sample {
                    products: &products,
                    weights: None,
                    ..sample
                };
                state.window.take_layer(layer, &sample);
                state.whole.take_layer(layer, &sample);
            }
        }
        Ok(())
    }

    /// Means since the last call; `None` where nothing was looked at.
    pub fn take_window(&mut self) -> Option<BalanceSummary> {
        let empty = Sums::new(self.tasks.len());
        let window = std::mem::replace(&mut self.state.window, empty);
        window.summary(&self.tasks)
    }

    /// Means over the run so far.
    pub fn summary(&self) -> Option<BalanceSummary> {
        self.state.whole.summary(&self.tasks)
    }

    /// What has gone wrong for long and was not said yet.
    pub fn alarms(&mut self, step: u64) -> Vec<AlarmEvent> {
        let Some(summary) = self.summary() else {
            return Vec::new();
        };
        let mut alarms = Vec::new();
        for (name, task) in &summary.tasks {
            let share = task.share.unwrap_or_default();
            if task.samples >= LEAST_SAMPLES && share >= DOMINANT {
                alarms.push(AlarmEvent {
                    step,
                    kind: AlarmKind::TaskDominates,
                    task: Some(name.clone()),
                    place: None,
                    message: format!(
                        "task `{name}` makes {:.0} % of the shared encoder's gradient (mean of {} \
                         looks), the other tasks hardly move it; bring the losses to one scale \
                         (`[balance] method = \"imtl-l\"` or `\"uw-so\"`), use gradients of equal \
                         length (a gradient method with `wrap = [\"unit-norm\"]`), or draw it less \
                         often in `[sampler]`",
                        100.0 * share,
                        task.samples
                    ),
                });
            }
        }
        for pair in &summary.pairs {
            let for_long = pair.samples >= LEAST_SAMPLES && step >= LEAST_CONFLICT_STEPS;
            if for_long && pair.cosine <= OPPOSING {
                let [one, other] = &pair.tasks;
                let method = match self.on_gradients {
                    true => "",
                    false => {
                        "a method that resolves conflicts (`[balance] method = \"upgrad\"` or \
                         `\"pcgrad\"`), "
                    }
                };
                alarms.push(AlarmEvent {
                    step,
                    kind: AlarmKind::TasksConflict,
                    task: Some(one.clone()),
                    place: None,
                    message: format!(
                        "tasks `{one}` and `{other}` pull the shared encoder apart (mean cosine \
                         {:.2}, opposed in {:.0} % of {} looks); try {method}a larger encoder, or \
                         training them apart: `mtnet affinity` proposes groups",
                        pair.cosine,
                        100.0 * pair.conflict_rate,
                        pair.samples
                    ),
                });
            }
        }
        alarms.retain(|alarm| {
            // The numbers in a message change; what it is about does not.
            let about = alarm.message.split('(').next().unwrap_or_default();
            self.state.warned.insert(about.to_owned())
        });
        alarms
    }

    /// What a checkpoint keeps.
    pub fn state(&self) -> &DiagnosticsState {
        &self.state
    }

    /// Goes on from a checkpoint of the same tasks.
    pub fn restore(&mut self, state: DiagnosticsState) {
        if state.whole.fits(self.tasks.len()) {
            self.state = state;
        }
    }
}
