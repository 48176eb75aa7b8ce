//! From the losses of a batch to one gradient, by the balancing method of the run.
//!
//! The way back has two parts. Heads are small and have a graph each; they end at the hidden
//! rows. The shared encoder turns the hidden rows' gradient, the slope, into gradients of its
//! parameters. What a method does between them decides the cost:
//!
//! | method | ways through the encoder |
//! |---|---|
//! | on losses | one, with the weighted sum of the slopes |
//! | on gradients, `at = "representation"` | one; weights come from the slopes themselves |
//! | on gradients, `at = "parameters"` | one a task, each through its own texts where no other task reads them |

mod adversarial;
mod blame;
mod combine;
mod diagnostics;
mod forward;
mod heads;
mod layouts;
mod learn;
mod lookahead;
mod method;
mod objective;
mod perturbation;
mod step;
mod summary;
mod tasks;
mod weighted;

pub(super) use adversarial::Adversary;
pub(super) use blame::Suspects;
pub use diagnostics::{Diagnostics, DiagnosticsState};
pub(super) use heads::loss_values;
pub(super) use lookahead::{Lookahead, Looks};
pub(super) use objective::twice;
pub(super) use step::{Backward, BatchPlace, Weighted};
