//! The `[monitor]` table: when alarms are raised, and what happens when numbers run out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Thresholds of the alarms of a run, and the policy after values that are not finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MonitorConfig {
    /// Whether alarms are raised. A step with values that are not finite is never taken, whatever
    /// this says. Default true.
    pub enabled: bool,
    /// Steps from one look at single tensors to the next. Default 5.
    pub every: u64,
    /// Steps until an alarm of the same kind is raised again for the same place. Default 500.
    pub repeat_steps: u64,
    /// Steps in a row that are skipped for values that are not finite, before the run goes back to
    /// its last checkpoint with half the learning rate. Default 3.
    pub skipped_steps: u32,
    /// How often a run goes back before it gives up with exit code 4. Default 2.
    pub rollbacks: u32,
    /// Times its running median above which a task's loss is a spike. Default 5.
    pub loss_spike: f64,
    /// Steps in a row that a spike lasts. Default 3.
    pub loss_spike_steps: u32,
    /// Share by which a task's first loss may differ from that of a guess. Default 0.15.
    pub initial_loss: f64,
    /// Steps behind the warm-up after which a task's loss must be below what it was at first; 0
    /// for never. Default 40.
    pub no_learning_steps: u64,
    /// Share of the total loss, taken at each task's first losses, from which a task dominates.
    /// Default 0.99.
    pub dominance: f64,
    /// Evaluations in a row in which a task's loss falls on train and rises on dev. Default 3.
    pub overfit_evaluations: u32,
    /// Times its running median above which the gradient's norm explodes. Default 100.
    pub exploding_gradient: f64,
    /// Root mean square below which a layer's gradient has vanished, while that of another layer
    /// is a thousand times as large. Default 1e-7.
    pub vanishing_gradient: f64,
    /// Share of a map's units with a gradient of exactly 0 above which it is dead. Default 0.5.
    pub dead_units: f64,
    /// Smallest size of updates beside their weights, at the peak of the learning rate. Default
    /// 1e-6.
    pub update_ratio_low: f64,
    /// Largest size of updates beside their weights that may last; ten times as much is an alarm
    /// at once. Default 0.1.
    pub update_ratio_high: f64,
    /// Steps that vanished gradients, odd updates and empty inputs last before they are an alarm.
    /// Default 20.
    pub patience_steps: u64,
    /// Steps in which every trained tensor must change; 0 for no look. Default 40.
    pub unchanged_steps: u64,
}

impl Default for MonitorConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            every: 5,
            repeat_steps: 500,
            skipped_steps: 3,
            rollbacks: 2,
            loss_spike: 5.0,
            loss_spike_steps: 3,
            initial_loss: 0.15,
            no_learning_steps: 40,
            dominance: 0.99,
            overfit_evaluations: 3,
            exploding_gradient: 100.0,
            vanishing_gradient: 1e-7,
            dead_units: 0.5,
            update_ratio_low: 1e-6,
            update_ratio_high: 0.1,
            patience_steps: 20,
            unchanged_steps: 40,
        }
    }
}

impl MonitorConfig {
    /// The first setting out of its range: its name, what it is, and what it may be.
    pub fn problem(&self) -> Option<(&'static str, String, &'static str)> {
        let above_one = "a finite number above 1";
        let above_zero = "a finite number above 0";
        let share = "a number above 0, at most 1";
        let one = "at least 1";
        let numbers = [
            ("loss_spike", self.loss_spike, 1.0, f64::MAX, above_one),
            ("initial_loss", self.initial_loss, 0.0, f64::MAX, above_zero),
            ("dominance", self.dominance, 0.0, 1.0, share),
            (
                "exploding_gradient",
                self.exploding_gradient,
                1.0,
                f64::MAX,
                above_one,
            ),
            (
                "vanishing_gradient",
                self.vanishing_gradient,
                0.0,
                f64::MAX,
                above_zero,
            ),
            ("dead_units", self.dead_units, 0.0, 1.0, share),
            (
                "update_ratio_low",
                self.update_ratio_low,
                0.0,
                f64::MAX,
                above_zero,
            ),
            (
                "update_ratio_high",
                self.update_ratio_high,
                0.0,
                f64::MAX,
                above_zero,
            ),
        ];
        for (name, found, low, high, expected) in numbers {
            if !(found > low && found <= high) {
                return Some((name, found.to_string(), expected));
            }
        }
        let counts = [
            ("every", self.every),
            ("repeat_steps", self.repeat_steps),
            ("skipped_steps", u64::from(self.skipped_steps)),
            ("loss_spike_steps", u64::from(self.loss_spike_steps)),
            ("overfit_evaluations", u64::from(self.overfit_evaluations)),
            ("patience_steps", self.patience_steps),
        ];
        counts
            .into_iter()
            .find(|(_, count)| *count == 0)
            .map(|(name, count)| (name, count.to_string(), one))
    }
}
