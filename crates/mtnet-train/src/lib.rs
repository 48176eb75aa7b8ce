//! Multi-task training: run files, trainer, evaluation, optimizer, schedule, checkpoints, events.
//!
//! - [`run_file`] is a whole run in one TOML file, checked before anything is read.
//! - [`trainer`] does what it says: [`trainer::train`] reads the data, builds the model, trains,
//!   selects on the development data, scores the test data once, and leaves a run folder.
//! - [`optimizer`] moves the weights: AdamW and SGD over named parameter groups, with clipping,
//!   gradient accumulation, a state that can be saved, and averaged weights.
//! - [`schedule`] is the learning rate over the steps of a run.
//! - [`checkpoint`] keeps all of a run's state, so that a kill at any instant costs no checkpoint.
//! - [`monitor`] watches losses, gradients and weights, and raises alarms.
//! - [`runs`] keeps many runs of one program, each trained once.
//! - [`events`] is what a run tells while it goes: the lines of `metrics.jsonl`.

pub mod checkpoint;
pub mod events;
pub mod monitor;
pub mod optimizer;
pub mod run_file;
pub mod runs;
pub mod schedule;
pub mod trainer;
