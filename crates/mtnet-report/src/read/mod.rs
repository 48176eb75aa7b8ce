//! A run folder as plain values.

mod event;
mod log;
mod number;
mod record;
mod results;
mod settings;
mod state;

pub use event::{
    Alarm, Balance, Checkpoint, Evaluation, Event, PairGradient, RunEnd, RunStart, SplitMetrics,
    Step, TaskGradient,
};
pub use log::{DamagedLine, LogTail, News};
pub use record::RunRecord;
pub use results::{Results, RunInfo};
pub use settings::Settings;
pub use state::RunState;
