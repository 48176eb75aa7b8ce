//! The program from outside: its arguments, what it writes and the codes it ends with.

mod attack;
mod calibrate;
mod compare;
mod data_mistakes;
#[cfg(feature = "serve")]
mod documented;
mod eval;
mod export;
mod extend;
mod mlflow;
mod model_mistakes;
mod predict;
mod reliability;
mod report;
mod run_file_mistakes;
#[cfg(feature = "serve")]
mod serve;
#[cfg(unix)]
mod signals;
#[cfg(all(unix, feature = "tui"))]
mod terminal_view;
mod tune;
mod usage;
mod workplace;
