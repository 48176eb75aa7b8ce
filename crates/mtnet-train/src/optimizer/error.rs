//! What can go wrong between a gradient and a moved weight.

use candle_core::{DType, Shape};

/// Why a step was not taken, or a state not loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptimizerError {
    /// A number of the configuration is out of its range.
    #[error("`{setting}` is {found}, expected {expected}")]
    Setting {
        /// The setting's name in a run file.
        setting: &'static str,
        /// Its value.
        found: f64,
        /// The range in words.
        expected: &'static str,
    },
    /// Two parameters would share one state.
    #[error("parameter `{0}` given twice; every parameter needs its own name")]
    DuplicateParameter(String),
    /// A parameter that is not made of floating-point numbers cannot be moved by a gradient.
    #[error("parameter `{name}` has dtype {dtype:?}, expected f32, f64, f16 or bf16")]
    NotFloat {
        /// The parameter.
        name: String,
        /// Its dtype.
        dtype: DType,
    },
    /// Only passes over slices can leave out rows.
    #[error(
        "`lazy_embeddings` needs parameters of f32 in main memory, and `{name}` is not: leave it out, \
         or train with `device = \"cpu\"`"
    )]
    LazyOnDevice {
        /// The first such parameter in the order of names.
        name: String,
    },
    /// A gradient does not have its parameter's shape.
    #[error("gradient of `{name}` has shape {found:?}, expected the parameter's {expected:?}")]
    GradientShape {
        /// The parameter.
        name: String,
        /// The gradient's shape.
        found: Shape,
        /// The parameter's shape.
        expected: Shape,
    },
    /// A gradient holds NaN or an infinity. No weight was changed.
    #[error(
        "gradient of `{parameter}` is not finite: the step was not taken and no weight changed; \
         lower the learning rate or look for a loss that overflows"
    )]
    NonFiniteGradient {
        /// The first such parameter in the order of names.
        parameter: String,
    },
    /// A saved state lacks a tensor that the optimizer needs.
    #[error(
        "optimizer state lacks `{name}`: it was saved for other parameters or another optimizer"
    )]
    StateMissing {
        /// The tensor's name.
        name: String,
    },
    /// A saved state holds a tensor that no parameter asks for.
    #[error(
        "optimizer state holds `{name}`, which belongs to no trained parameter: it was saved \
         for other parameters or another optimizer"
    )]
    StateUnknown {
        /// The tensor's name.
        name: String,
    },
    /// A tensor of a saved state has another shape or type than its parameter's.
    #[error("optimizer state `{name}` is {found}, expected {expected}")]
    StateShape {
        /// The tensor's name.
        name: String,
        /// Its dtype and shape.
        found: String,
        /// What the parameter asks for.
        expected: String,
    },
    /// Bytes that are no safetensors file, or tensors that could not be written as one.
    #[error("optimizer state is no safetensors file")]
    Safetensors(#[from] safetensors::SafeTensorError),
    /// A tensor operation failed.
    #[error("a tensor operation of the optimizer failed")]
    Tensor(#[from] candle_core::Error),
}
