//! ONNX: one graph with the encoder and any number of heads.

mod folder;
mod form;
mod graph;
mod heads;
mod linear;
mod metadata;
mod model;
mod mt_net;
mod ops;
mod options;
pub mod proto;
mod structure;
mod transformer;

pub use folder::export_onnx;
pub use model::onnx_model;
pub use options::OnnxOptions;
pub use structure::check_structure;
