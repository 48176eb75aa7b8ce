//! The learning rate over the steps of a run: a pure function of the step.
//!
//! During `warmup_steps` the factor rises linearly, `step / warmup_steps`, so that step 0 does not
//! move the weights (Goyal et al. 2017, §2.2, in the form of Hugging Face's schedulers). After it,
//! with `x` the share of the remaining steps that is done:
//!
//! | `lr_scheduler_type` | factor |
//! |---|---|
//! | `constant` | 1, and no warm-up |
//! | `constant_with_warmup` | 1 |
//! | `linear` | `1 - x` |
//! | `cosine` | `(1 + cos πx) / 2` (Loshchilov and Hutter 2017, eq. 5, one cycle) |
//! | `polynomial` | `(1 - x)^power` |
//! | `inverse_sqrt` | `1 / √(1 + (step - warmup_steps) / t)`, `t` = `warmup_steps`, or 10 000 without a warm-up (Vaswani et al. 2017, §5.3) |
//!
//! `linear`, `cosine` and `polynomial` fall to `min_lr_rate` instead of 0 where that is set. From
//! step `total_steps` on they stay there; Hugging Face's cosine rises again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The shape of the learning rate after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SchedulerType {
    /// Falls in a straight line.
    #[default]
    Linear,
    /// Falls as half a cosine.
    Cosine,
    /// Stays at the peak from the first step; `warmup_steps` and `warmup_ratio` have no effect.
    Constant,
    /// Stays at the peak after the warm-up.
    ConstantWithWarmup,
    /// Falls as the inverse square root of the step.
    InverseSqrt,
    /// Falls as a power of the share of steps that is left.
    Polynomial,
}

/// The schedule as a run file states it, in the names that users of trainers know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleConfig {
    /// `linear` (default), `cosine`, `constant`, `constant_with_warmup`, `inverse_sqrt` or
    /// `polynomial`.
    pub lr_scheduler_type: SchedulerType,
    /// Steps until the learning rate is at its peak; overrides `warmup_ratio` unless 0. Default 0.
    pub warmup_steps: u64,
    /// Share of all steps until the learning rate is at its peak, in [0, 1], rounded up to whole
    /// steps. Default 0.
    pub warmup_ratio: f64,
    /// Where `linear`, `cosine` and `polynomial` end, as a share of the peak, in [0, 1]. Default 0.
    pub min_lr_rate: f64,
    /// The power of `polynomial`, above 0. Default 1.
    pub lr_power: f64,
}

impl Default for ScheduleConfig {
    fn default() -> Self {
        Self {
            lr_scheduler_type: SchedulerType::Linear,
            warmup_steps: 0,
            warmup_ratio: 0.0,
            min_lr_rate: 0.0,
            lr_power: 1.0,
        }
    }
}

/// Why a schedule could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A number of the configuration is out of its range.
    #[error("`{setting}` is {found}, expected {expected}")]
    Setting {
        /// The setting's name in a run file.
        setting: &'static str,
        /// Its value.
        found: f64,
        /// The range in words.
        expected: &'static str,
    },
}

/// A checked schedule for a known number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    kind: SchedulerType,
    warmup_steps: u64,
    total_steps: u64,
    floor: f64,
    power: f64,
}

impl Schedule {
    /// The schedule of a run of `total_steps` steps.
    ///
    /// # Errors
    /// If a setting is out of its range.
    pub fn new(config: &ScheduleConfig, total_steps: u64) -> Result<Self, ScheduleError> {
        let share = |setting, found: f64| {
            if (0.0..=1.0).contains(&found) {
                return Ok(found);
            }
            Err(ScheduleError::Setting {
                setting,
                found,
                expected: "a number in [0, 1]",
            })
        };
        let ratio = share("warmup_ratio", config.warmup_ratio)?;
        let floor = share("min_lr_rate", config.min_lr_rate)?;
        if !(config.lr_power.is_finite() && config.lr_power > 0.0) {
            return Err(ScheduleError::Setting {
                setting: "lr_power",
                found: config.lr_power,
                expected: "a finite number above 0",
            });
        }
        let warmup_steps = match config.warmup_steps {
            0 => (total_steps as f64 * ratio).ceil() as u64,
            steps => steps,
        };
        Ok(Self {
            kind: config.lr_scheduler_type,
            warmup_steps,
            total_steps,
            floor,
            power: config.lr_power,
        })
    }

    /// What the peak learning rate is multiplied by in step `step`, counted from 0.
    pub fn learning_rate_factor(&self, step: u64) -> f64 {
        if self.kind == SchedulerType::Constant {
            return 1.0;
        }
        if step < self.warmup_steps {
            return step as f64 / self.warmup_steps as f64;
        }
        let since = (step - self.warmup_steps) as f64;
        let done = if step < self.total_steps {
            since / (self.total_steps - self.warmup_steps) as f64
        } else {
            1.0
        };
        let fall = |factor: f64| self.floor + (1.0 - self.floor) * factor;
        match self.kind {
            SchedulerType::Constant | SchedulerType::ConstantWithWarmup => 1.0,
            SchedulerType::Linear => fall(1.0 - done),
            SchedulerType::Cosine => fall(0.5 * (1.0 + (std::f64::consts::PI * done).cos())),
            SchedulerType::Polynomial => fall((1.0 - done).powf(self.power)),
            SchedulerType::InverseSqrt => {
                let scale = match self.warmup_steps {
                    0 => 10_000.0,
                    steps => steps as f64,
                };
                (1.0 + since / scale).sqrt().recip()
            }
        }
    }

    /// Steps of the warm-up.
    pub fn warmup_steps(&self) -> u64 {
        self.warmup_steps
    }

    /// Steps that the schedule was made for.
    pub fn total_steps(&self) -> u64 {
        self.total_steps
    }
}
