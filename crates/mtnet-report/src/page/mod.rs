//! The pages: one run, or several beside each other, each one self-contained HTML file.

mod advice;
mod comparison;
mod cost;
mod curves;
mod document;
mod gradients;
mod header;
mod mistakes;
mod notices;
mod pieces;
mod run_page;
mod runs_page;
mod scores;
mod task;

pub use run_page::run_page;
pub use runs_page::runs_page;
