//! Data sets as a run file states them.

mod check;
mod dataset;
mod field_name;
mod format;
mod join;
mod on_bad_row;
mod one_or_many;
mod source;

pub use dataset::{DatasetConfig, Words};
pub use field_name::FieldName;
pub use format::Format;
pub use join::JoinConfig;
pub use on_bad_row::OnBadRow;
pub use one_or_many::OneOrMany;

pub(crate) use source::Source;
