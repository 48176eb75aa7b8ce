//! How a graph is written.

use mtnet_core::TaskName;

/// What an ONNX export is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxOptions {
    /// The tasks whose heads go into the graph; all of them if empty.
    pub tasks: Vec<TaskName>,
    /// Hidden rows and the pooled row instead of any head.
    pub encoder: bool,
    /// Sequences laid end to end instead of padded rows.
    pub packed: bool,
    /// Probabilities beside the logits of each classifier.
    pub probabilities: bool,
    /// Nodes of the domain `com.microsoft`, which ONNX Runtime computes faster.
    pub optimize: bool,
    /// Weights in 8 bits and activations quantised as they come.
    pub int8: bool,
}
