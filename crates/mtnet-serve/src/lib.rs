//! HTTP over a multi-task model: a text is encoded once, and every head answers from that pass.
//!
//! Routes, bodies and codes follow text-embeddings-inference, so that its clients work here; what
//! is added are tasks: `/predict` answers for all of them, `/predict/{task}` for one. A page to try
//! the model stands at `/`, the OpenAPI document at `/openapi.json`, readable at `/docs`.
//!
//! ```text
//! connection ─▶ body ─▶ tokens ─▶ queue ─▶ batch ─▶ encoder ─▶ heads ─▶ answer
//! └ http ─────┘└ api ┘└──────── engine ────────────────────────────┘└ api ──┘
//! ```
//!
//! An [`Engine`] holds a bounded queue. Its thread takes as many texts as a batch of tokens holds
//! and runs them; what arrives meanwhile forms the next batch, so nothing ever waits for company.
//! A full queue refuses at once. Nothing but waiting happens on the asynchronous runtime.
//!
//! ```no_run
//! use std::sync::Arc;
//! use mtnet_serve::{Settings, serve};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::path::Path::new("runs/assistant/model");
//! # let device = todo();
//! let predictor = mtnet_model::Predictor::open(folder, &device)?;
//! serve(Arc::new(predictor), Settings::default(), |address| println!("http://{address}"))?;
//! # Ok(())
//! # }
//! # fn todo() -> candle_core::Device { candle_core::Device::Cpu }
//! ```

mod api;
mod backend;
mod engine;
mod error;
mod hash;
mod http;
mod metrics;
mod panics;
mod server;
mod settings;

pub use api::openapi;
pub use backend::Backend;
pub use engine::{Done, Engine, Refusal};
pub use error::ServeError;
pub use hash::weights_hash;
pub use metrics::Metrics;
pub use panics::tell_panics_without_text;
pub use server::{Handle, serve, start};
pub use settings::{ApiKey, Settings};
