//! Exported models compute what the model computes, and what cannot be exported is refused.

mod hf;
mod onnx;
mod runtime;
mod support;
