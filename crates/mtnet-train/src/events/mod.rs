//! What a run tells while it goes.
//!
//! The trainer records [`Event`]s; sinks show or keep them. [`JsonlSink`] keeps them as the lines
//! of `metrics.jsonl`, and cuts that file back when a run goes on from a checkpoint, so that a
//! run that was stopped leaves the same lines as one that was not, but for the fields that
//! [`WALL_CLOCK_FIELDS`] names.
//!
//! ```
//! use mtnet_train::events::{Event, EventSink, MemorySink, RunEndReason};
//!
//! let mut sink = MemorySink::default();
//! sink.record(&Event::run_end(120, RunEndReason::Finished, 3.5))?;
//! assert_eq!(sink.events[0].step(), 120);
//! # Ok::<(), mtnet_train::events::EventError>(())
//! ```

mod balance;
mod error;
mod event;
pub(crate) mod float;
mod jsonl;
mod mlflow;
mod scalars;
mod sink;
mod task;
mod tensorboard;

pub use balance::{BalanceEvent, BalanceSummary, PairGradientStats, TaskGradientStats};
pub use error::EventError;
pub use event::{
    AlarmEvent, AlarmKind, CheckpointEvent, EvaluationEvent, Event, RunEndEvent, RunEndReason,
    RunStartEvent, StepEvent, WALL_CLOCK_FIELDS,
};
pub use jsonl::{JsonlSink, read_events};
pub use mlflow::MlflowSink;
pub use sink::{EventSink, MemorySink};
pub use task::{TaskChange, TaskEvent};
pub use tensorboard::TensorboardSink;
