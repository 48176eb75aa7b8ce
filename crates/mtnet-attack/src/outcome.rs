//! What became of one example.

use std::fmt;

use mtnet_core::{IGNORED_TAG, Target};
use mtnet_heads::Answer;
use serde::Serialize;
use serde_json::{Value, json};

use crate::AttackedText;

/// How an attack on an example ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The goal was reached.
    Successful,
    /// It was not, within constraints and budget.
    Failed,
    /// There was nothing to attack: the clean answer is wrong, or is what the goal wants.
    Skipped,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Successful => "successful",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        })
    }
}

/// The attack on one example.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttackOutcome {
    /// Number of the example in the data.
    pub index: usize,
    /// How it ended.
    pub status: Status,
    /// Whether the clean answer is right.
    pub starts_right: bool,
    /// Questions to the model, the clean one counted.
    pub queries: usize,
    /// Gradients of the model, which count as no questions.
    pub gradients: usize,
    /// Words of the clean text with a letter or a digit.
    pub words: usize,
    /// Words that differ in the attacked text.
    pub words_changed: usize,
    /// Edits of characters between the two texts.
    pub distance: usize,
    /// Score of the clean text; its range is the goal's.
    pub clean_score: f64,
    /// Score of the attacked text.
    pub attacked_score: f64,
    /// The text as it was.
    pub clean_text: String,
    /// The text nearest to the goal; the clean one where nothing came nearer.
    pub attacked_text: String,
    /// The second text of a pair, which is not attacked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_text: Option<String>,
    /// The right answer in names.
    pub target: Value,
    /// The answer to the clean text in names.
    pub clean_named: Value,
    /// The answer to the attacked text in names.
    pub attacked_named: Value,
    /// The answer to the clean text.
    #[serde(skip)]
    pub clean_answer: Answer,
    /// The answer to the attacked text.
    #[serde(skip)]
    pub attacked_answer: Answer,
    /// The attacked text with its words.
    #[serde(skip)]
    pub text: AttackedText,
}

/// An answer with the names of its columns.
pub(crate) fn named(answer: &Answer, labels: &[String]) -> Value {
    match answer {
        Answer::Class {
            label,
            probabilities,
        } => json!({
            "label": name(labels, *label),
            "score": probabilities.get(*label as usize),
        }),
        Answer::Labels { labels: chosen, .. } => {
            json!(
                chosen
                    .iter()
                    .map(|&label| name(labels, label))
                    .collect::<Vec<_>>()
            )
        }
        Answer::Numbers { values } => json!(values),
        Answer::Tags { tags, .. } => {
            json!(
                tags.iter()
                    .map(|&tag| name(labels, tag))
                    .collect::<Vec<_>>()
            )
        }
        _ => Value::Null,
    }
}

/// A target with the names of its columns; `null` for a word without a tag.
pub(crate) fn named_target(target: &Target, labels: &[String]) -> Value {
    match target {
        Target::Class(class) => json!(name(labels, *class)),
        Target::MultiLabel(chosen) => {
            json!(
                chosen
                    .iter()
                    .map(|&label| name(labels, label))
                    .collect::<Vec<_>>()
            )
        }
        Target::Numbers(values) => json!(values),
        Target::Tags(tags) => {
            let tag = |&tag: &u32| (tag != IGNORED_TAG).then(|| name(labels, tag));
            json!(tags.iter().map(tag).collect::<Vec<_>>())
        }
        _ => Value::Null,
    }
}

fn name(labels: &[String], column: u32) -> &str {
    labels.get(column as usize).map_or("", String::as_str)
}
