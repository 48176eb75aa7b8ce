//! The multi-task model: one shared encoder, a head a task, and what they need to answer for text.
//!
//! [`MultiTaskModel`] is encoder and heads over one set of parameters; a [`ModelFolder`] is that
//! with tokenizer and labels on disk; a [`Predictor`] opens such a folder and answers every task
//! from one encoder pass. Nothing here knows of data sets or training.
//!
//! ```
//! use candle_core::Device;
//! use mtnet_model::{PredictInput, Predictor};
//!
//! // A folder that `mtnet train` has left; this one comes with the crate.
//! let predictor = Predictor::open("tests/fixtures/tiny".as_ref(), &Device::Cpu)?;
//!
//! // Every head answers from one encoder pass; answers come typed.
//! let inputs = [PredictInput::text("play some Adele"), PredictInput::text("book a table for two")];
//! let predictions = predictor.predict(&inputs, &[])?;
//! assert_eq!(predictions[0].label("intent"), Some("play"));
//! let entity = &predictions[0].entities("slots").unwrap()[0];
//! assert_eq!((entity.label.as_str(), entity.text.as_str()), ("artist", "Adele"));
//!
//! // Inputs may come one by one, and one task may be asked alone.
//! let lines = "book two seats\nplay Bach".lines().map(PredictInput::text);
//! for prediction in predictor.predict_iter(lines, &["intent".parse()?])? {
//!     println!("{}", prediction?.label("intent").unwrap());
//! }
//!
//! let embedding = &predictor.embed(&inputs)?[0];
//! assert_eq!(embedding.len(), predictor.folder().model.encoder().hidden_size());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod ask;
mod calibration;
mod encoded;
mod error;
mod folder;
mod input;
mod loading;
mod logits;
mod merge;
mod model;
mod pass;
mod prediction;
mod predictor;
mod rows;
mod scores;
mod stream;
mod task;

pub use ask::{Ask, Replies, Reply};
pub use calibration::{Calibration, LabelledScores};
pub use encoded::EncodedBatch;
pub use error::ModelError;
pub use folder::{FORMAT_VERSION, ModelFolder, TasksFile, overlap};
pub use input::{PredictInput, PreparedInput};
pub use logits::{TextLogits, WindowTokens};
pub use merge::merge_windows;
pub use model::{Evaluated, MultiTaskModel};
pub use pass::BatchPass;
pub use prediction::{AnswerSpan, Entity, LabelScore, Prediction, TaggedWord, TaskPrediction};
pub use predictor::Predictor;
pub use stream::Predictions;
pub use task::Task;
