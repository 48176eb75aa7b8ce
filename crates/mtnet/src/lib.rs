//! Multi-task learning for text: one shared encoder, many task heads.
//!
//! This crate gathers the others under one name and holds the `mtnet` program. Each of them can be
//! taken alone; the [`prelude`] has what most programs need.
//!
//! A model that the program has trained answers every task from one encoder pass:
//!
//! ```
//! use mtnet::prelude::*;
//!
//! let predictor = Predictor::open("../mtnet-model/tests/fixtures/tiny".as_ref(), &Device::Cpu)?;
//! let inputs = [PredictInput::text("play some Adele"), PredictInput::text("book a table for two")];
//! for prediction in predictor.predict(&inputs, &[])? {
//!     println!("{:?} {:?}", prediction.label("intent"), prediction.entities("slots"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! And what the program does can be done from code, with heads of one's own in the registry:
//!
//! ```no_run
//! use mtnet::prelude::*;
//!
//! let run = RunFile::load("recipes/quickstart.toml".as_ref(), &["train.epochs=2".to_owned()])?;
//! let options = TrainOptions { output: "runs/quickstart".into(), resume: false };
//! let results = train(&run, &options, &HeadRegistry::default(), &mut Quiet)?;
//! for (task, metrics) in &results.test {
//!     println!("{task}: {metrics:?}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`core`] | names, labels, examples, packed batches, random streams |
//! | [`text`] | tokenizer, windows, words and offsets, packing |
//! | [`data`] | readers, labels, samplers, the loader |
//! | [`kernels`] | differentiable operations on packed sequences, parameters |
//! | [`encoders`] | the shared encoders |
//! | [`heads`] | task heads and their registry |
//! | [`losses`] | losses |
//! | [`balance`] | loss weightings |
//! | [`metrics`] | metrics |
//! | [`model`] | the model, its folder, the predictor |
//! | [`export`] | Hugging Face folders, ONNX graphs, and published classifiers back |
//! | [`report`] | reports of runs from their folders |
//! | `serve` | HTTP over a model (feature `serve`, on by default) |
//! | [`attack`] | adversarial attacks and their closing table |
//! | [`train`] | run files, the trainer, checkpoints |
//! | [`baselines`] | classical baselines |
//! | [`compare`] | multi-task against single-task, with intervals |
//! | [`tune`] | search over settings: random, TPE, successive halving |
//! | [`extend`] | new tasks for a trained model, few-shot curves |

pub use mtnet_attack as attack;
pub use mtnet_balance as balance;
pub use mtnet_baselines as baselines;
pub use mtnet_compare as compare;
pub use mtnet_core as core;
pub use mtnet_data as data;
pub use mtnet_encoders as encoders;
pub use mtnet_export as export;
pub use mtnet_extend as extend;
pub use mtnet_heads as heads;
pub use mtnet_kernels as kernels;
pub use mtnet_losses as losses;
pub use mtnet_metrics as metrics;
pub use mtnet_model as model;
pub use mtnet_report as report;
#[cfg(feature = "serve")]
pub use mtnet_serve as serve;
pub use mtnet_text as text;
pub use mtnet_train as train;
pub use mtnet_tune as tune;

/// What most programs need, for `use mtnet::prelude::*`.
pub mod prelude {
    pub use candle_core::Device;
    pub use mtnet_core::{LabelSet, Split, TaskName};
    pub use mtnet_heads::{HeadRegistry, TaskHead};
    pub use mtnet_model::{ModelFolder, PredictInput, Prediction, Predictor, TaskPrediction};
    pub use mtnet_train::run_file::RunFile;
    pub use mtnet_train::trainer::{Progress, Quiet, RunResults, TrainOptions, train};
}
