//! Training losses on candle tensors: masked, stable at any logit, reduction stated.
//!
//! Targets are plain numbers, as data comes; predictions are tensors of any float type.
//! `f64` stays `f64`, everything else is computed and returned in `f32`. Every loss is in
//! nats (regression losses: in the units of the target, squared for the squared ones), lower
//! is better, and follows three rules:
//!
//! - **A missing label takes no part.** Its row or element gets no gradient and does not
//!   count in a mean. Where nothing is labelled the loss is exactly 0, with gradient 0.
//! - **No logit breaks it.** Values and gradients are right at logits of ±10⁴.
//! - **Bad targets are named.** A NaN, an infinity or a class that the logits lack is an
//!   error with its row.
//!
//! | task | losses |
//! |---|---|
//! | one class | [`cross_entropy`], [`soft_cross_entropy`], [`softmax_focal`] |
//! | any number of labels | [`binary_cross_entropy_with_logits`], [`sigmoid_focal`] |
//! | numbers | [`squared_error`], [`absolute_error`], [`huber`], [`smooth_l1`] |
//! | another model's answer | [`distillation_kl`], [`bernoulli_distillation_kl`], [`symmetric_kl`] |
//! | tags in sequence | [`LinearChainCrf`] |
//! | where an answer begins and ends | [`span_cross_entropy`], [`symmetric_span_kl`] |
//!
//! The run file chooses among them with [`ClassificationLossConfig`],
//! [`MultiLabelLossConfig`] and [`RegressionLossConfig`].
//!
//! ```
//! use candle_core::{Device, Tensor, Var};
//! use mtnet_losses::{CrossEntropy, IGNORED_LABEL, Reduction, cross_entropy};
//!
//! let logits = Var::new(&[[2f32, 0.], [0., 0.], [-1., 1.]], &Device::Cpu)?;
//! let targets = [0, IGNORED_LABEL, 1];
//! let loss = cross_entropy(&logits, &targets, &CrossEntropy::default(), Reduction::Mean)?;
//! assert!((loss.to_scalar::<f32>()? - 0.126928).abs() < 1e-6);
//!
//! let gradients = loss.backward()?;
//! let gradient = gradients.get(&logits).expect("the loss depends on the logits");
//! assert_eq!(gradient.to_vec2::<f32>()?[1], [0., 0.]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod binary_cross_entropy;
mod class_targets;
mod config;
mod crf;
mod cross_entropy;
mod dense_targets;
mod divergence;
mod elements;
mod error;
mod gradient;
mod numeric;
mod reduction;
mod regression;
mod selection;
mod settings;
mod sigmoid_focal;
mod softmax_focal;
mod span;
mod weights;

pub use binary_cross_entropy::{BinaryCrossEntropy, binary_cross_entropy_with_logits};
pub use class_targets::{ClassTargets, IGNORED_LABEL};
pub use config::{
    ClassificationLoss, ClassificationLossConfig, LabelWeights, MultiLabelLoss,
    MultiLabelLossConfig, RegressionLossConfig,
};
pub use crf::{CrfReduction, LinearChainCrf, TagPath};
pub use cross_entropy::{CrossEntropy, cross_entropy, soft_cross_entropy};
pub use dense_targets::DenseTargets;
pub use divergence::{
    Distillation, bernoulli_distillation_kl, distillation_kl, symmetric_bernoulli_kl, symmetric_kl,
};
pub use error::LossError;
pub use numeric::log_softmax;
pub use reduction::Reduction;
pub use regression::{absolute_error, huber, smooth_l1, squared_error};
pub use sigmoid_focal::{SigmoidFocal, sigmoid_focal};
pub use softmax_focal::{SoftmaxFocal, softmax_focal};
pub use span::{span_cross_entropy, symmetric_span_kl};
pub use weights::{balanced_class_weights, balanced_positive_weights};
