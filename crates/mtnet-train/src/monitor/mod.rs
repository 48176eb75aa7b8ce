//! What a run watches while it trains, and says before hours are lost.
//!
//! | signal | alarm |
//! |---|---|
//! | a loss, gradient or weight that is not finite | at once, and the update is not made |
//! | loss spike | a task's loss far above its running median for some steps (the loss watchdog of Axolotl) |
//! | initial loss | not that of a guess over the task's classes (Karpathy 2019, "A Recipe for Training Neural Networks") |
//! | no learning | a task's loss is after some steps what it was at first |
//! | one task dominates | its weighted loss makes nearly all of the total |
//! | overfit | the loss on dev rises while that on train falls, several evaluations in a row |
//! | exploding gradient | the norm jumps far above its running median, or is cut to a tenth all the time |
//! | vanishing gradient | a layer's gradient is next to nothing while another's is not (Bengio, Simard and Frasconi 1994) |
//! | dead units | most units of a map have a gradient of exactly zero |
//! | update ratio | updates are far too large or small beside the weights they move |
//! | unchanged parameter | a trained tensor keeps every bit |
//! | empty input | batches hold next to no different tokens |
//!
//! The rules on gradients, updates and units take the names and much of their thresholds from the
//! built-in rules of SageMaker Debugger. An alarm is an event with a sentence for a reader: what
//! was seen, where, and what to do. Each kind of alarm is heard once a place in
//! [`MonitorConfig::repeat_steps`].
//!
//! Whole gradients are read anyway to clip them, and their norms a tensor cost nothing more.
//! Weights are looked at in samples, every [`MonitorConfig::every`] steps; all bits of them are
//! read once in [`MonitorConfig::unchanged_steps`].

mod alarms;
mod config;
mod evaluations;
mod gradients;
mod inputs;
mod look;
mod losses;
mod recent;
mod rules;
mod weights;
mod words;

pub use config::MonitorConfig;
pub use rules::MonitorState;

pub(crate) use look::{Before, Look, fingerprints};
pub(crate) use rules::{Monitor, StepNumbers, WatchedTask};
