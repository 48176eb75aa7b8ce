//! Does sharing help? A multi-task run held against what it replaces.
//!
//! [`compare`] trains the run as it stands, a model of its own for each task, and the MT-Net on
//! word vectors, each with several seeds, fits a classical baseline a task, and says for each task
//! whether sharing gained, lost, or made no difference that can be shown.
//!
//! # What is the same
//!
//! - **Budget.** A single-task model sees as many examples of its task as the multi-task model does
//!   ([`Budget::Examples`]): as many epochs where every example is drawn once an epoch. Its batches
//!   hold as many tokens, all of them of its own task, so it takes fewer steps.
//! - **Selection.** Weights are selected on the development data after the same events, by the
//!   task's own metric (the multi-task model by the mean over tasks, or as its run file says). Test
//!   data is scored once. Early stopping and other settings are those of the run file.
//! - **Data.** The same files, and seeds that follow that of the run file.
//!
//! # What is reported
//!
//! Means over seeds with Student's interval, and the gain over single-task models with a bootstrap
//! interval over test examples and seeds, on the same samples for both
//! ([`mtnet_metrics::Bootstrap`]). Overall `Δm`, the mean relative gain (see [`TaskScores`]).
//!
//! Where a task loses, [`CompareOptions::advise`] proposes what the evidence supports (see
//! [`Advice`]), and [`CompareOptions::trial`] trains the proposals; the development data alone
//! chooses between them.
//!
//! Finished runs are kept by the content of run file and data and never trained twice; a killed
//! comparison goes on from the newest checkpoint of each run. The results do not depend on how
//! many runs go side by side.

mod advice;
mod answers;
mod assemble;
mod budget;
mod cache;
mod cells;
mod classical;
mod compare;
mod comparison;
mod error;
mod inference;
mod job;
mod markdown;
mod options;
mod part;
mod plan;
mod report;
mod scores;
mod sentence;
mod systems;
mod test_data;
mod trained;
mod workers;

/// What a comparison is made of, for programs that make another one: runs that are trained once and
/// kept, test data, scores on samples of it, and how differences are told.
pub mod parts {
    pub use crate::answers::{read, write, write_json};
    pub use crate::cache::run_folder;
    pub use crate::cells::{mean, number, signed};
    pub use crate::job::{Found, Job};
    pub use crate::part::Part;
    pub use crate::scores::Sampler;
    pub use crate::sentence::{interval, shown};
    pub use crate::test_data::{TestData, TestTask, main_metric};
    pub use crate::workers::do_all;
    pub use mtnet_train::runs::{Hashes, with_split};
}

pub use advice::{Advice, LeftOut, Losing, Proposal, Trial, Tried};
pub use answers::{TaskAnswers, TestAnswers};
pub use compare::compare;
pub use error::CompareError;
pub use options::{Budget, CompareEvent, CompareOptions, TrialOptions};
pub use report::{
    CompareReport, Inference, MethodReport, MethodScores, Overall, TaskReport, Verdict,
};
pub use scores::TaskScores;
