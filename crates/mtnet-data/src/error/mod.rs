//! Errors of this crate: [`DataError`], and [`FormatError`] for lines that break their format.

mod answer;
mod data;
mod format;
mod hints;
mod place;

pub use answer::WrongAnswer;
pub use data::DataError;
pub use format::FormatError;
pub use place::Place;

pub(crate) use hints::counted;
