//! DWA, dynamic weight average: `w = k · softmax((L_i^{e-1} / L_i^{e-2}) / T)`.
//!
//! Liu, Johns and Davison, "End-to-End Multi-Task Learning with Attention", CVPR
//! 2019, §3.3: a task whose mean loss fell less from one epoch to the next gets more
//! weight; `k` is the number of present tasks. A task with fewer than two finished
//! epochs counts with the ratio 1, which gives equal weights in the first two epochs
//! as the paper has it. Where an epoch is too long, `window_steps` takes its place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::numeric::softmax;
use crate::settings::positive;
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "dwa";

/// Settings of [`DwaWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DwaConfig {
    /// Temperature `T`: large values even the weights out. Default 2.
    pub temperature: f64,
    /// Steps whose mean loss is compared with that of the steps before; an epoch if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_steps: Option<u64>,
}

impl Default for DwaConfig {
    fn default() -> Self {
        Self {
            temperature: 2.0,
            window_steps: None,
        }
    }
}

/// Weights from the rate at which each loss falls.
#[derive(Clone, Debug, PartialEq)]
pub struct DwaWeighting {
    temperature: f64,
    window_steps: Option<u64>,
    window: u64,
    sums: Vec<f64>,
    counts: Vec<u64>,
    /// Mean losses of the last finished window that a task had examples in, and the
    /// one before; NaN where there is none.
    last: Vec<f64>,
    before_last: Vec<f64>,
}

impl DwaWeighting {
    /// For `tasks` tasks without any history.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if the temperature is not above 0 or the window is 0 steps.
    pub fn new(config: &DwaConfig, tasks: usize) -> Result<Self, BalanceError> {
        let temperature = positive(NAME, "temperature", config.temperature)?;
        if let Some(steps) = config.window_steps {
            positive(NAME, "window_steps", steps as f64)?;
        }
        Ok(Self {
            temperature,
            window_steps: config.window_steps,
            window: 0,
            sums: vec![0.0; tasks],
            counts: vec![0; tasks],
            last: vec![f64::NAN; tasks],
            before_last: vec![f64::NAN; tasks],
        })
    }

    fn finish_window(&mut self) {
        for task in 0..self.sums.len() {
            if self.counts[task] > 0 {
                self.before_last[task] = self.last[task];
                self.last[task] = self.sums[task] / self.counts[task] as f64;
            }
            self.sums[task] = 0.0;
            self.counts[task] = 0;
        }
    }

    fn ratio(&self, task: usize) -> f64 {
        let ratio = self.last[task] / self.before_last[task];
        if ratio.is_finite() { ratio } else { 1.0 }
    }
}

impl LossWeighting for DwaWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.sums.len())?;
        let window = match self.window_steps {
            Some(steps) => losses.step() / steps,
            None => losses.epoch(),
        };
        if window != self.window {
            self.finish_window();
            self.window = window;
        }
        let scores: Vec<f64> = losses
            .present()
            .map(|(task, _)| self.ratio(task) / self.temperature)
            .collect();
        let count = scores.len() as f64;
        let weights: Vec<f64> = softmax(&scores).iter().map(|share| count * share).collect();
        for (task, loss) in losses.present() {
            self.sums[task] += loss;
            self.counts[task] += 1;
        }
        TaskWeights::of_present(NAME, losses, &weights)
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME)
            .with_counters("window", vec![self.window])
            .with_counters("counts", self.counts.clone())
            .with_vector("sums", self.sums.clone())
            .with_vector("last", self.last.clone())
            .with_vector("before_last", self.before_last.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let tasks = self.sums.len();
        let restored = Self {
            window: state.take_counters(NAME, "window", 1)?[0],
            counts: state.take_counters(NAME, "counts", tasks)?,
            sums: state.take_vector(NAME, "sums", tasks)?,
            last: state.take_vector(NAME, "last", tasks)?,
            before_last: state.take_vector(NAME, "before_last", tasks)?,
            ..*self
        };
        *self = restored;
        Ok(())
    }
}
