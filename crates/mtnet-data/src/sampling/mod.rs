//! Which example comes when: sampling groups, strategies, and the order of an epoch.

mod config;
mod draws;
mod groups;
mod order;
mod plan;
mod subset;

pub use config::{SamplerConfig, Strategy};
pub use draws::epoch_draws;
pub use groups::{SamplingGroup, sampling_groups};
pub use order::epoch_order;
pub use plan::{TaskDraws, task_draws};
pub use subset::Subset;
