//! Answers in names and places of the text, as a program or a person reads them.

use std::collections::BTreeMap;
use std::ops::Range;

use mtnet_core::{InputText, Segment, TaskName};
use mtnet_heads::{Answer, HeadConfig, SpanScore, TaskSpec, span_probabilities};
use mtnet_metrics::{Scheme, entities};
use serde::Serialize;

/// What a model says of one input.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prediction {
    /// Answers by task.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, TaskPrediction>))]
    pub tasks: BTreeMap<TaskName, TaskPrediction>,
    /// Tokens that the model did not read because the text is longer than it takes.
    #[serde(skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub dropped_tokens: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What a task says of one input. Offsets count characters (Unicode scalar values) from 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
#[non_exhaustive]
pub enum TaskPrediction {
    /// One label.
    Label {
        /// The chosen label.
        label: String,
        /// Its probability.
        score: f32,
        /// All labels, the most probable first.
        scores: Vec<LabelScore>,
    },
    /// Any number of labels.
    Labels {
        /// The chosen labels, the most probable first.
        labels: Vec<LabelScore>,
        /// All labels, the most probable first.
        scores: Vec<LabelScore>,
    },
    /// Numbers by target.
    Numbers {
        /// The numbers.
        values: BTreeMap<String, f32>,
    },
    /// Entities of a task in the BIO scheme.
    Entities {
        /// In order of the text.
        entities: Vec<Entity>,
    },
    /// A tag for every word.
    Tags {
        /// In order of the text.
        words: Vec<TaggedWord>,
    },
    /// Answers to a question, as slices of the second text of a pair.
    Answers {
        /// The most probable first; none where the text does not hold the answer.
        answers: Vec<AnswerSpan>,
        /// Probability that the text does not hold it, where the task has learned to say so.
        #[serde(skip_serializing_if = "Option::is_none")]
        no_answer: Option<f32>,
    },
}

/// A label and its probability.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabelScore {
    /// The label.
    pub label: String,
    /// Its probability, from 0 to 1.
    pub score: f32,
}

/// An entity in a text: `text` is the characters `start..end` of the input.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entity {
    /// Its type.
    pub label: String,
    /// The slice of the input.
    pub text: String,
    /// First character.
    pub start: usize,
    /// Character behind the last.
    pub end: usize,
    /// Mean probability of its words' tags.
    pub score: f32,
}

/// An answer: `text` is the characters `start..end` of the second text of a pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerSpan {
    /// The slice of the second text.
    pub text: String,
    /// First character.
    pub start: usize,
    /// Character behind the last.
    pub end: usize,
    /// Its probability among the best spans.
    pub score: f32,
}

/// A word of a text and its tag.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaggedWord {
    /// The slice of the input.
    pub text: String,
    /// First character.
    pub start: usize,
    /// Character behind the last.
    pub end: usize,
    /// The tag.
    pub label: String,
    /// Its probability.
    pub score: f32,
}

impl TaskPrediction {
    /// Names an answer of the task for an input.
    pub(crate) fn new(spec: &TaskSpec, answer: &Answer, input: &InputText) -> Self {
        let text = input.first().text();
        let words = input.first().words().unwrap_or_default();
        let name = |column: u32| spec.labels[column as usize].clone();
        match answer {
            Answer::Class {
                label,
                probabilities,
            } => Self::Label {
                label: name(*label),
                score: probabilities[*label as usize],
                scores: ranked(spec, probabilities, |_| true),
            },
            Answer::Labels {
                labels,
                probabilities,
            } => Self::Labels {
                labels: ranked(spec, probabilities, |column| labels.contains(&column)),
                scores: ranked(spec, probabilities, |_| true),
            },
            Answer::Numbers { values } => Self::Numbers {
                values: spec
                    .labels
                    .iter()
                    .cloned()
                    .zip(values.iter().copied())
                    .collect(),
            },
            Answer::Tags {
                tags,
                probabilities,
            } => {
                let tags: Vec<String> = tags.iter().map(|&tag| name(tag)).collect();
                tagged(spec, &tags, probabilities, text, words)
            }
            Answer::Spans { spans, null } => {
                let context = input.second().map(Segment::text).unwrap_or_default();
                found(spec, spans, *null, context)
            }
            _ => Self::Numbers {
                values: BTreeMap::new(),
            },
        }
    }
}

fn ranked(spec: &TaskSpec, probabilities: &[f32], keep: impl Fn(u32) -> bool) -> Vec<LabelScore> {
    let mut scores: Vec<LabelScore> = (0..probabilities.len())
        .filter(|&column| keep(column as u32))
        .map(|column| LabelScore {
            label: spec.labels[column].clone(),
            score: probabilities[column],
        })
        .collect();
    scores.sort_by(|a, b| b.score.total_cmp(&a.score));
    scores
}

fn found(spec: &TaskSpec, spans: &[SpanScore], null: f32, context: &str) -> TaskPrediction {
    let HeadConfig::QuestionAnswering(config) = &spec.head else {
        unreachable!("spans come from question answering alone");
    };
    let may_lack = config.null_threshold.is_some();
    let shares = span_probabilities(spans, may_lack.then_some(null));
    let chosen = config.chosen(spans, null).iter().zip(&shares);
    let answers = chosen.map(|(span, &score)| {
        let (text, start, end) = slice(context, span.start as usize..span.end as usize);
        AnswerSpan {
            text,
            start,
            end,
            score,
        }
    });
    TaskPrediction::Answers {
        answers: answers.collect(),
        no_answer: shares.last().copied().filter(|_| may_lack),
    }
}

/// A slice of a text, with its first character and the one behind its last.
fn slice(text: &str, bytes: Range<usize>) -> (String, usize, usize) {
    let start = text[..bytes.start].chars().count();
    let slice = &text[bytes];
    (slice.to_owned(), start, start + slice.chars().count())
}

fn tagged(
    spec: &TaskSpec,
    tags: &[String],
    scores: &[f32],
    text: &str,
    words: &[Range<usize>],
) -> TaskPrediction {
    let place = |bytes: Range<usize>| slice(text, bytes);
    if mtnet_heads::BioConstraint::from_labels(&spec.labels).is_none() {
        let words = words
            .iter()
            .zip(tags.iter().zip(scores))
            .map(|(bytes, (label, &score))| {
                let (text, start, end) = place(bytes.clone());
                TaggedWord {
                    text,
                    start,
                    end,
                    label: label.clone(),
                    score,
                }
            })
            .collect();
        return TaskPrediction::Tags { words };
    }
    let entities = entities(tags, Scheme::Iob2)
        .into_iter()
        .map(|entity| {
            let (text, start, end) = place(words[entity.start].start..words[entity.end - 1].end);
            let count = (entity.end - entity.start) as f32;
            let score = scores[entity.start..entity.end].iter().sum::<f32>() / count;
            Entity {
                label: entity.label,
                text,
                start,
                end,
                score,
            }
        })
        .collect();
    TaskPrediction::Entities { entities }
}
