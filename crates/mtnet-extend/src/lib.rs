//! New tasks for a trained model.
//!
//! [`extend`] adds tasks to a model folder: it trains a head for each, and of the shared encoder
//! nothing, the top layers or everything ([`TrainOnly`]). Old tasks whose training data is given are
//! replayed, a share of their examples drawn beside the new ones (experience replay; Rolnick et al.
//! 2019, <https://arxiv.org/abs/1811.11682>); the others keep their heads as they are. The report says
//! of each old task what it scored before and after on the same examples, and of each new one what it
//! learned.
//!
//! [`few_shot`] asks what the shared encoder is worth to a new task: it trains the task from the
//! multi-task encoder and from the plain one that its own run started from, with 8, 16, 64, … examples,
//! over seeds, both on the same examples with the same steps and the same rule of selection.
//!
//! Both start from a run file that names the new tasks and their data; [`load_run`] reads it.

mod error;
mod extend;
mod few_shot;
mod flags;
mod graft;
mod load;
mod markdown;

mod options;
mod origin;
mod plan;
mod report;
mod scored;
mod trained;

pub use error::ExtendError;
pub use extend::{Extended, extend};
pub use few_shot::{FewShotOptions, FewShotPoint, FewShotReport, FewShotTask, Size, few_shot};
pub use flags::TaskFlags;
pub use load::{load_run, parse_run};
pub use options::{DEFAULT_REPLAY, ExtendOptions, TrainOnly};
pub use report::{ExtendReport, NewTask, OldTask, Standing};
