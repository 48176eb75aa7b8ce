//! The registry of task heads: what answers from the shared encoder's rows.
//!
//! A [`TaskHead`] owns the parameters of one task. It turns encoder rows into scores, scores and
//! targets into a loss, scores into an [`Answer`], and answers and targets into metrics. It knows
//! neither files nor optimizers. The built-in kinds are a closed enum, [`HeadConfig`]; programs
//! add their own to a [`HeadRegistry`] (`examples/ordinal_head.rs` is a whole one).
//!
//! ```
//! use candle_core::{DType, Device, Tensor};
//! use mtnet_core::{RandomStream, Target, TargetValues, TaskName};
//! use mtnet_heads::{HeadConfig, HeadRegistry, TaskSpec};
//! use mtnet_kernels::{Mode, ParamStore};
//!
//! let spec = TaskSpec::new(TaskName::new("mood")?, "classification".parse()?, ["bad", "good"]);
//! let store = ParamStore::new(RandomStream::new(1), &Device::Cpu);
//! let head = HeadRegistry::default().build(&spec, 16, store.builder().pp("heads.mood"))?;
//!
//! let pooled = Tensor::ones((3, 16), DType::F32, &Device::Cpu)?;
//! let scores = head.forward(&pooled, &Mode::Eval)?;
//! let loss = head.loss(&scores, &TargetValues::Classes(vec![1, 0, 1]))?;
//! assert_eq!(loss.count, 3);
//! let answers = head.decode(&scores, None)?;
//! let targets = [Target::Class(1), Target::Class(0), Target::Class(1)];
//! let targets: Vec<&Target> = targets.iter().collect();
//! assert!(head.metrics(&answers, &targets)?.get("accuracy").is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod calibrate;
mod classification;
mod config;
mod constrained;
mod distillation;
mod error;
mod evaluation;
mod head;
mod layer;
mod multi_label;
mod question_answering;
mod registry;
mod regression;
mod spans;
mod spec;
mod threshold;
mod token_classification;

pub use answer::{Answer, SpanScore};
pub use calibrate::{Link, calibrate};
pub use classification::{ClassificationConfig, ClassificationHead};
pub use config::{CustomHead, HeadConfig};
pub use constrained::BioConstraint;
pub use error::HeadError;
pub use head::{HeadLoss, Reads, TaskHead};
pub use layer::HeadLayer;
pub use mtnet_core::TargetKind;
pub use multi_label::{MultiLabelConfig, MultiLabelHead};
pub use question_answering::{
    AnswerScoring, QuestionAnsweringConfig, QuestionAnsweringHead, SPAN_COLUMNS,
};
pub use registry::{HeadBuilder, HeadRegistry};
pub use regression::{RegressionConfig, RegressionHead};
pub(crate) use spans::answer_spans;
pub use spans::{merge_spans, span_probabilities};
pub use spec::TaskSpec;
pub use threshold::fit_null_threshold;
pub use token_classification::{TokenClassificationConfig, TokenClassificationHead};
