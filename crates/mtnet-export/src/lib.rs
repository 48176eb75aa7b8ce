//! Trained models for other programs, and other programs' models as tasks.
//!
//! - [`onnx_model`]: one graph with the encoder and a named output a head, for ONNX Runtime,
//!   TensorRT and others ([`export_onnx`] puts tokenizer and card beside it);
//! - [`export_task`] and [`export_encoder`]: folders that transformers and sentence-transformers
//!   load unchanged;
//! - [`import_task`]: a published classifier as a model folder with one task.
//!
//! What another program cannot compute exactly is refused with the reason; nothing is exported
//! that would answer otherwise.
//!
//! ```no_run
//! use candle_core::Device;
//! use mtnet_export::{OnnxOptions, export_onnx};
//! use mtnet_heads::HeadRegistry;
//! use mtnet_model::ModelFolder;
//!
//! let registry = HeadRegistry::default();
//! let folder = ModelFolder::open("runs/assistant/model".as_ref(), &registry, &Device::Cpu)?;
//! let options = OnnxOptions { probabilities: true, ..OnnxOptions::default() };
//! export_onnx(&folder, &options)?.save("assistant-onnx".as_ref())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod files;
mod head;
mod hf;
mod import;
pub mod onnx;
mod tokenizer;
mod weights;

pub use error::ExportError;
pub use files::Files;
pub use hf::{export_encoder, export_task, imported_card};
pub use import::{ImportOptions, import_task};
pub use onnx::{OnnxOptions, export_onnx, onnx_model};
