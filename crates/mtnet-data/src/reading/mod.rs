//! From the files of a data set to examples with the targets that tasks ask for.

mod answers;
mod characters;
mod files;
mod input;
mod join;
mod locate;
mod partition;
mod plan;
mod read_split;
mod report;
mod request;
mod split_data;
mod target;

pub use mtnet_core::TargetKind;
pub use read_split::read_split;
pub use report::{FileReport, JoinReport, ReadReport};
pub use request::TaskField;
pub use split_data::SplitData;

pub(crate) use target::NO_TAG;
