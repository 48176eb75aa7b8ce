//! The choices that published codes make silently, each an option of its own.
//!
//! What a task's head receives, over which blocks of the encoder a gradient method works,
//! and where the gradient is taken differ between reference implementations of the same
//! method (LibMTL scales the heads of some methods by the weights and not those of others;
//! TorchJD never does).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The gradient that the parameters of a task's own head receive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HeadGradients {
    /// `weighted` for methods on losses, whose weights are part of what is minimised, and
    /// `raw` for methods on gradients, whose weights resolve conflicts in the encoder only.
    #[default]
    Auto,
    /// That of the weighted loss `w_i L_i`.
    Weighted,
    /// That of the plain loss `L_i`.
    Raw,
}

/// The parts of the encoder that a gradient method balances each by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Granularity {
    /// All shared parameters together.
    #[default]
    Encoder,
    /// The embeddings and each layer by themselves.
    Layer,
    /// Each parameter tensor by itself.
    Tensor,
}

/// Where the per-task gradients are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GradientPlace {
    /// At the shared parameters: exact, one backward pass through the encoder a task.
    #[default]
    Parameters,
    /// At the encoding that the heads read: an upper bound (MGDA-UB, Sener and Koltun
    /// 2018, §3.3), one backward pass through the encoder for all tasks.
    Representation,
}

/// What a method needs of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodKind {
    /// The losses: one backward pass of their weighted sum.
    Losses,
    /// The inner products of the per-task gradients.
    Gramian,
    /// The per-task gradients, coordinate by coordinate.
    Gradients,
}
