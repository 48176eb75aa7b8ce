//! The multi-task model: one shared encoder, a head a task, and what they need to answer for text.
//!
//! [`MultiTaskModel`] is encoder and heads over one set of parameters; a [`ModelFolder`] is that
//! with tokenizer and labels on disk; a [`Predictor`] opens such a folder and answers every task
//! from one encoder pass. Nothing here knows of data sets or training.
//!
//! ```no_run
//! use candle_core::Device;
//! use mtnet_model::{PredictInput, Predictor};
//!
//! let predictor = Predictor::open("runs/assistant/model".as_ref(), &Device::Cpu)?;
//! let input = PredictInput::text("book a table for two in Oslo");
//! for prediction in predictor.predict(&[input], &[])? {
//!     for (task, answer) in &prediction.tasks {
//!         println!("{task}: {}", serde_json::to_string(answer)?);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod folder;
mod merge;
mod model;
mod pass;
mod prediction;
mod predictor;

pub use error::ModelError;
pub use folder::{FORMAT_VERSION, ModelFolder, TasksFile};
pub use merge::merge_windows;
pub use model::{Evaluated, MultiTaskModel, Task};
pub use pass::BatchPass;
pub use prediction::{Entity, LabelScore, Prediction, TaggedWord, TaskPrediction};
pub use predictor::{PredictInput, Predictor};
