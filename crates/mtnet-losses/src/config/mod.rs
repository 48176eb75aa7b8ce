//! The losses as a run file states them.
//!
//! Each enum is read from a table with a `type`; `check` tells whether its numbers are in range,
//! and `build` turns what depends on the training data (`"balanced"`) into weights.

mod classification;
mod label_weights;
mod multi_label;
mod regression;

pub use classification::{ClassificationLoss, ClassificationLossConfig};
pub use label_weights::LabelWeights;
pub use multi_label::{MultiLabelLoss, MultiLabelLossConfig};
pub use regression::RegressionLossConfig;
