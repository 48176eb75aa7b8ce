//! Gradient aggregators: rules that need the coordinates of the gradients, or keep
//! running averages of them.

mod buffers;
mod contract;
mod db_mtl;
mod excess_mtl;
mod grad_drop;
mod moco;
mod rows;
mod trimmed_mean;

pub use contract::GradientAggregator;
pub use db_mtl::{AveragedDbMtl, DbMtlConfig};
pub use excess_mtl::{ExcessMtl, ExcessMtlConfig};
pub use grad_drop::{GradDrop, GradDropConfig};
pub use moco::{Moco, MocoConfig, MocoProjection};
pub use rows::GradientRows;
pub use trimmed_mean::{TrimmedMean, TrimmedMeanConfig};
