//! From named gradients to moved weights.
//!
//! A [`GradientSource`] gives the gradient of a named parameter: the flat
//! [`GradientBuffer`](mtnet_kernels::GradientBuffer) that passes add to and aggregators combine,
//! or [`Gradients`], what one backward pass of candle left. An [`Optimizer`] clips them by their
//! global norm and applies one update rule, [`OptimizerKind::AdamW`] or
//! [`OptimizerKind::Sgd`], with a learning rate and weight decay for each [`ParameterGroup`].
//! [`WeightAverage`] keeps a moving average of the weights beside it.
//!
//! Everything is in the order of the parameters' names and every sum has a fixed shape, so the
//! same gradients give the same weights, bit for bit, whatever the number of threads.
//!
//! ```
//! use std::collections::BTreeMap;
//! use candle_core::{Device, Var};
//! use mtnet_train::optimizer::{Gradients, GroupRules, Optimizer, OptimizerConfig};
//!
//! let weight = Var::new(&[3f32, -2.0], &Device::Cpu)?;
//! let variables = BTreeMap::from([("encoder.weight".to_owned(), weight.clone())]);
//! let config = OptimizerConfig { learning_rate: 0.1, ..Default::default() };
//! let mut optimizer = Optimizer::new(&config, GroupRules::default().assign(&config, &variables))?;
//!
//! let mut store = weight.sqr()?.sum_all()?.backward()?;
//! let gradients = Gradients::take_from(&mut store, &variables)?;
//! let report = optimizer.step(&gradients, 1.0)?;
//! assert!((report.grad_norm - 52f64.sqrt()).abs() < 1e-6); // |(6, -4)|
//! assert!(weight.to_vec1::<f32>()?[0] < 3.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adamw;
mod adaptive;
#[cfg(test)]
mod agreement;
mod average;
mod config;
mod error;
mod gradients;
mod groups;
#[cfg(test)]
mod lazy;
mod rule;
mod sgd;
mod slice_pass;
mod slices;
mod slot;
mod state;
mod step;
mod sums;

pub use adaptive::clip_adaptively;
pub use average::WeightAverage;
pub use config::{ClipBy, OptimizerConfig, OptimizerKind};
pub use error::OptimizerError;
pub use gradients::{GradientSource, Gradients};
pub use groups::{GroupRules, HEAD_PREFIX, Parameter, ParameterGroup};
pub use state::OptimizerState;

pub(crate) use slices::{fingerprint, is_finite, sample};
pub use step::{Optimizer, StepReport};
