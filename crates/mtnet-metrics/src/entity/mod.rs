//! Entities in sequences of tags, and their F1.

mod lenient;
mod report;
mod scheme;
mod span;
mod strict;

pub use lenient::entities;
pub use report::EntityReport;
pub use scheme::Scheme;
pub use span::Entity;
pub use strict::strict_entities;
