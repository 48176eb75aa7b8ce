//! The program from outside: its arguments, what it writes and the codes it ends with.

mod compare;
mod data_mistakes;
mod eval;
mod export;
mod model_mistakes;
mod predict;
mod reliability;
mod run_file_mistakes;
#[cfg(feature = "serve")]
mod serve;
#[cfg(unix)]
mod signals;
mod usage;
mod workplace;
