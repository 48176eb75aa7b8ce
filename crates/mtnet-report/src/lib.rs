//! Reports of runs, made from run folders alone.
//!
//! A [`RunRecord`](read::RunRecord) is what a folder tells: its log, its results, its predictions,
//! as far as they are there and can be read. From it come an HTML page ([`run_page`],
//! [`runs_page`]), a terminal view (`tui`, with the feature of that name) and, while a run goes on,
//! TensorBoard's event files ([`tensorboard`]) and runs of MLflow ([`mlflow`]). Nothing here knows tensors, models or training.
//!
//! ```no_run
//! use mtnet_report::{read::RunRecord, run_page};
//!
//! let run = RunRecord::open("runs/quickstart".as_ref())?;
//! std::fs::write("report.html", run_page(&run))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod analysis;
mod chart;
pub mod comparison;
mod error;
pub mod format;
mod markup;
pub mod mlflow;
mod page;
pub mod predictions;
pub mod read;
pub mod tensorboard;
#[cfg(feature = "tui")]
pub mod tui;

pub use error::ReportError;
pub use page::{run_page, runs_page};
