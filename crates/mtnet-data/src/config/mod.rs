//! Data sets as a run file states them.

mod check;
mod dataset;
mod field_name;
mod format;
mod join;
mod one_or_many;
mod source;

pub use dataset::{DatasetConfig, Words};
pub use field_name::FieldName;
pub use format::Format;
pub use join::JoinConfig;
pub use one_or_many::OneOrMany;

pub(crate) use source::Source;
