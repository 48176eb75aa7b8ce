//! Wrappers that compose with any loss weighting or gradient weighting.
//!
//! A wrapper may change what the method inside sees, answer in its place, or change
//! what it answered. In a run file, `wrap = ["log-class", { average = { decay = 0.9 } }]`
//! puts the first around the second, and that around the method.

mod average;
mod config;
mod contract;
mod log_class;
mod log_loss;
mod refresh;
mod target_floor;
mod unit_norm;
mod warm_up;
mod wrapped;

pub use average::{Average, AverageConfig};
pub use config::WrapConfig;
pub use contract::{StepInput, Wrapper};
pub use log_class::LogClass;
pub use log_loss::LogLoss;
pub use refresh::{Refresh, RefreshConfig};
pub use target_floor::{TargetFloor, TargetFloorConfig};
pub use unit_norm::UnitNorm;
pub use warm_up::{WarmUp, WarmUpConfig};
pub use wrapped::Wrapped;
