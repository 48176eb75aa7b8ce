//! What a run file says about a task's labels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TagScheme;
use crate::TargetKind;

/// How the labels of a task become columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelOptions {
    /// What kind of target the task has.
    pub kind: TargetKind,
    /// Where its label set comes from.
    pub labels: LabelSource,
    /// What becomes of a label that is not in the set.
    pub unknown_label: UnknownLabel,
    /// How its tags are written, for [`TargetKind::Tags`].
    pub scheme: TagScheme,
}

impl LabelOptions {
    /// That kind of target with every option at its default.
    pub fn new(kind: TargetKind) -> Self {
        Self {
            kind,
            labels: LabelSource::default(),
            unknown_label: UnknownLabel::default(),
            scheme: TagScheme::default(),
        }
    }
}

/// Where a label set comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LabelSource {
    /// The labels that occur in the training data: in number order where all are whole numbers,
    /// sorted by their characters otherwise. Of tags, `O` comes first; of entity tags, both `B-`
    /// and `I-` of each type are there, whichever occur.
    #[default]
    Inferred,
    /// These, in this order.
    Given(Vec<String>),
}

impl From<Option<Vec<String>>> for LabelSource {
    fn from(labels: Option<Vec<String>>) -> Self {
        labels.map_or(Self::Inferred, Self::Given)
    }
}

/// What becomes of a label that is not in the label set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownLabel {
    /// An error that names it.
    #[default]
    Error,
    /// No label: the text, or the word of a tagged text, takes no part in the task.
    Ignore,
    /// This label in its place.
    MapTo(String),
}
