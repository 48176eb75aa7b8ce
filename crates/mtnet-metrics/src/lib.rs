//! Metrics of text tasks on plain slices, each with its direction and unit.
//!
//! Nothing here knows tensors, files or tasks: classes are indices, decisions are booleans, scores
//! are `f64`, tags are strings. Every metric agrees with the published implementation that its
//! field compares by (scikit-learn, scipy, seqeval, the official SQuAD and CoNLL 2018 scripts).
//!
//! | task | metrics |
//! |---|---|
//! | one class of many | [`ConfusionMatrix`]: accuracy, balanced accuracy, precision, recall, F1, MCC, kappa |
//! | …with probabilities | [`top_k_accuracy`], [`log_loss`], [`brier_score`], [`roc_auc_one_vs_rest`], [`roc_auc_one_vs_one`], [`Reliability`] |
//! | yes or no, with scores | [`roc_auc`], [`partial_roc_auc`], [`average_precision`], [`binary_log_loss`], [`binary_brier_score`] |
//! | any number of labels | [`MultiLabelReport`], [`label_average_precision`], [`label_roc_auc`], [`label_ranking_average_precision`] |
//! | numbers | [`pearson`], [`spearman`], [`kendall_tau_b`], [`root_mean_squared_error`], [`r_squared`] … |
//! | tags in sequence | [`EntityReport`], [`entities`], [`token_accuracy`] |
//! | answers to questions | [`squad_v1`], [`squad_v2`], [`cmrc_2018`] |
//! | syntax trees | [`DependencyScores`] |
//! | probabilities to be repaired | [`LabelledLogits`]: temperature scaling |
//! | how sure a score is | [`student_interval`], [`Bootstrap`]: each gives an [`Estimate`] |
//!
//! Four rules hold for all of them:
//!
//! - **Fractions, not percentages.** An accuracy is from 0 to 1.
//! - **What cannot be scored is an error**: nothing to score, lengths that differ, a class out of
//!   range, a score that is not a number. [`MetricError`] says which and where.
//! - **What can be scored but has no value is NaN**, such as a correlation with a constant. Where
//!   the field has agreed on a number instead (an F1 without any positive is 0), it is that
//!   number. Each function says which.
//! - **The order of examples does not matter.**
//!
//! [`Metric`] and [`MetricSet`] carry values with their names from here to a report, and
//! [`MetricKind`] knows the direction and the unit of every name.
//!
//! ```
//! use mtnet_metrics::{Average, ConfusionMatrix, EntityReport, MetricKind, MetricSet, Scheme};
//!
//! let matrix = ConfusionMatrix::from_classes(&[0, 0, 1, 2], &[0, 1, 1, 2], 3)?;
//! let mut metrics = MetricSet::new();
//! metrics.record(MetricKind::Accuracy, matrix.accuracy());
//! metrics.record(MetricKind::MacroF1, matrix.average(Average::Macro).f1);
//! assert_eq!(metrics.value("accuracy"), Some(0.75));
//!
//! let truth = [["B-PER", "I-PER", "O"]];
//! let predicted = [["B-PER", "I-PER", "B-LOC"]];
//! let report = EntityReport::lenient(&truth, &predicted, Scheme::Iob2)?;
//! assert_eq!(report.average(Average::Micro).precision, 0.5);
//! # Ok::<(), mtnet_metrics::MetricError>(())
//! ```

mod agreement;
mod average_precision;
mod calibration;
mod checks;
mod cmrc;
mod columns;
mod confusion_matrix;
mod correlation;
mod counts;
mod dependency;
mod entity;
mod error;
mod label_scores;
mod metric;
mod metric_kind;
mod metric_set;
mod multi_label;
mod nan_as_null;
mod probabilities;
mod ranks;
mod regression;
mod roc_auc;
mod squad;
mod statistics;
mod temperature;
mod thresholds;
mod token_accuracy;

pub use agreement::KappaWeights;
pub use average_precision::average_precision;
pub use calibration::{Reliability, ReliabilityBin};
pub use cmrc::cmrc_2018;
pub use confusion_matrix::ConfusionMatrix;
pub use correlation::{kendall_tau_b, pearson, spearman};
pub use counts::{Average, Counts, PrecisionRecallF1};
pub use dependency::{Attachment, DependencyScores};
pub use entity::{Entity, EntityReport, Scheme, entities, strict_entities};
pub use error::MetricError;
pub use label_scores::{
    label_average_precision, label_ranking_average_precision, label_roc_auc,
    per_label_average_precision,
};
pub use metric::{Direction, Metric, Unit};
pub use metric_kind::MetricKind;
pub use metric_set::MetricSet;
pub use multi_label::MultiLabelReport;
pub use probabilities::{
    binary_brier_score, binary_log_loss, brier_score, log_loss, top_k_accuracy,
};
pub use regression::{
    explained_variance, mean_absolute_error, mean_squared_error, r_squared, root_mean_squared_error,
};
pub use roc_auc::{partial_roc_auc, roc_auc, roc_auc_one_vs_one, roc_auc_one_vs_rest};
pub use squad::{AnswerScores, SquadScores, normalize_answer, squad_v1, squad_v2};
pub use statistics::{Bootstrap, Estimate, student_interval, student_quantile};
pub use temperature::{LabelledLogits, ProbabilityScores, TemperatureFit, check_temperature};
pub use token_accuracy::token_accuracy;
