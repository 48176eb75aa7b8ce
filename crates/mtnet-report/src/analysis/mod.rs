//! What predictions tell beyond a score: where a task fails, and whether it knows.

mod answers;
mod columns;
mod confusion;
mod entity_errors;
mod interval;
mod labels;
mod lengths;
mod mistakes;
mod reliability;

pub use confusion::{Confusion, confusion};
pub use entity_errors::{EntityErrors, ErrorClass, entity_errors};
pub use interval::{Interval, seeds_interval, wilson_interval};
pub use labels::{LabelScores, label_scores};
pub use lengths::{LengthBucket, LengthScores, length_scores};
pub use mistakes::{Mistake, worst_mistakes};
pub use reliability::reliability;

pub(crate) use columns::{index_of, is_bio, known_tags};
