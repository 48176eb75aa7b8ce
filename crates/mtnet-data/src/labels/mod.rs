//! Labels as columns: label sets, tag notations, and raw targets made into targets.

mod detect;
mod encode;
mod infer;
mod options;
mod schema;
mod scheme;

pub use encode::encode_targets;
pub use options::{LabelOptions, LabelSource, UnknownLabel};
pub use schema::{TaskSchema, TaskSchemas};
pub use scheme::TagScheme;

pub(crate) use detect::detect as detect_scheme;
pub(crate) use scheme::{expand_tag, parse_tag};
