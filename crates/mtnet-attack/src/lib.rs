//! Adversarial attacks on text models, in the shape that TextAttack made known.
//!
//! An attack is four things (Morris et al. 2020, "TextAttack", §3,
//! <https://arxiv.org/abs/2005.05909>): a *goal* says when an answer is broken and how near a text
//! comes to that; *constraints* say what may be changed; a *transformation* makes candidates of a
//! text; a *search* chooses among them by asking the model. [`AttackConfig`] holds the four as
//! plain settings, and [`Recipe`] names the compositions of published attacks.
//!
//! [`attack`] runs one over many examples at once: the questions of several examples share packed
//! batches, the budget of queries is kept to the query, and every draw is a function of seed, recipe,
//! task, example and word, so that a run gives the same bytes again with any number of threads.
//! [`Summary`] is the closing table.
//!
//! ```no_run
//! use candle_core::Device;
//! use mtnet_attack::{AttackExample, AttackOptions, Recipe, attack};
//! use mtnet_core::{InputText, Segment, Target, TaskName};
//! use mtnet_heads::HeadRegistry;
//! use mtnet_model::ModelFolder;
//!
//! let registry = HeadRegistry::default();
//! let folder = ModelFolder::open("runs/assistant/model".as_ref(), &registry, &Device::Cpu)?;
//! let mood = TaskName::new("mood")?;
//! let examples = [AttackExample {
//!     index: 0,
//!     input: InputText::Single(Segment::from_text("a film full of charm")),
//!     targets: [(mood.clone(), Target::Class(1))].into(),
//! }];
//! let options = AttackOptions::new(mood, 42);
//! let outcomes = attack(&folder, &examples, &Recipe::DeepWordBug.config(), &options)?;
//! println!("{}: {}", outcomes[0].status, outcomes[0].attacked_text);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod constraint;
mod cross_task;
mod distance;
mod driver;
mod error;
mod example;
mod goal;
mod interval;
mod lane;
mod outcome;
mod recipe;
mod search;
mod stop_words;
mod summary;
mod text;
mod transformation;
mod victim;
mod white_box;

pub use config::AttackConfig;
pub use constraint::Constraints;
pub use cross_task::{CrossTaskEffect, MetricEffect, cross_task};
pub use distance::{levenshtein, levenshtein_within};
pub use driver::{AttackOptions, attack};
pub use error::AttackError;
pub use example::AttackExample;
pub use goal::{GoalConfig, TaggingMeasure, Verdict};
pub use interval::wilson;
pub use outcome::{AttackOutcome, Status};
pub use recipe::Recipe;
pub use search::{Importance, SearchConfig};
pub use stop_words::{STOP_WORDS, is_stop_word};
pub use summary::{Share, Summary};
pub use text::AttackedText;
pub use transformation::{Invariance, SynonymTable, TransformationConfig};
pub use white_box::WhiteBox;
