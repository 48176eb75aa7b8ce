//! A run from its file to its folder.
//!
//! [`Prepared`] is what [`train`] starts from: examples read and encoded, labels known, the model
//! built. The loop takes batches that mix tasks, sums the tasks' losses by the weights of the
//! balancing method, and moves all parameters by one step. The development data selects the
//! weights; the test data is scored once, with them.

mod affinity;
mod averaging;
mod backward;
mod balance_file;
mod calibration;
mod card;
mod corpus;
mod device;
mod distillation;
mod error;
mod evaluate;
mod explain;
mod finish;
mod folder;
mod job;
mod labels;
mod lifecycle;
mod majority;
mod no_answer;
mod non_finite;
mod plateau;
mod predictions;
mod prepare;
mod progress;
mod recovery;
mod reports;
mod results;
mod run;
mod run_info;
mod selection;
mod session;
mod session_state;
mod state;
mod steps;
mod stop;
mod unfreezing;
mod warm_start;
mod window;

pub use affinity::{AffinityOptions, AffinityReport, NamedGrouping, measure_affinity};
pub use backward::{Diagnostics, DiagnosticsState};
pub use calibration::{BeforeAndAfter, CalibrationResults, calibrate};
pub use device::open_device;
pub use error::TrainError;
pub use evaluate::{corpus_answers, evaluate, majority_scores};
pub use folder::output_folder;
pub use job::epoch_plan;
pub use lifecycle::Lifecycle;
pub use majority::Majority;
pub use non_finite::NonFinite;
pub use plateau::Plateau;
pub use prepare::{Prepared, SplitSummary, read_corpus};
pub use progress::{Progress, Quiet};
pub use recovery::Recovery;
pub use results::RunResults;
pub use run::{TrainOptions, train, train_for_selection, train_until};
pub use run_info::RunInfo;
pub use selection::{MainMetric, Selection, SplitMetrics};
pub use state::{Best, TrainerState};
pub use stop::StopToken;
pub use window::LogWindow;
