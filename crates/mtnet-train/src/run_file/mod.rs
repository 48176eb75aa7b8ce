//! The run file: everything a run is made of, in one TOML file.
//!
//! [`RunConfig`] is its types, each table the configuration of the crate that uses it;
//! [`RunFile::load`] reads one with overrides and says of every mistake where it is and what to
//! type instead.

mod adversarial;
mod augment;
mod check;
mod config;
mod distillation;
mod load;
mod schema;
mod train;
mod tune;
mod unknown;

pub use adversarial::{AdversarialConfig, AdversarialMethod};
pub use augment::AugmentConfig;
pub use check::{RunFileError, RunFileProblem};
pub use config::{RunConfig, RunSection, TaskConfig};
pub use distillation::{Annealing, DistillationConfig};
pub use load::{Place, RunFile};
pub use schema::run_file_schema;
pub use train::{EvalStrategy, GradientStats, ReportTo, TrainConfig, TrainPrecision};
pub use tune::{DimensionConfig, HalvingConfig, Number, SamplerKind, TuneConfig};
