//! The terminal view of a run: curves of all tasks on one axis, the gradient-cosine map, progress
//! with an estimate, alarms.
//!
//! It follows `metrics.jsonl` and nothing else, so that a run that goes on here, one on another
//! machine's disk and one of last year look the same. [`view`] shows a folder until `q`;
//! [`LiveView`] does so in a thread of its own beside a trainer. However the view ends, a panic
//! of any thread included, the terminal is as it was before.

mod app;
mod curves;
mod draw;
mod live;
mod map;
mod panels;
mod screen;

pub use app::{App, Key, Pane};
pub use draw::draw;
pub use live::LiveView;
pub use screen::view;
