//! The answer of one task as a flat list: `[{"label", "score"}, …]`, the form of
//! text-embeddings-inference, with places in the text where a task finds some.

use mtnet_model::TaskPrediction;
use serde::Serialize;
use utoipa::ToSchema;

/// A label, target, entity, tagged word or answer, and its score.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Scored {
    /// Probability, unnormalised score if asked for, or the number of a regression.
    #[schema(example = 0.98)]
    pub score: f32,
    /// Label, entity type, tag, or target of a regression; `answer` for answers to a question.
    #[schema(example = "music_item")]
    pub label: String,
    /// The slice of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<String>,
    /// First character (Unicode scalar value, from 0).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub start: Option<usize>,
    /// Character behind the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub end: Option<usize>,
}

/// Labels come with all their scores, the highest first; entities and words in order of
/// the text; answers to a question the most probable first, none where the text holds none.
pub(super) fn scored(answer: TaskPrediction) -> Vec<Scored> {
    let bare = |label, score| Scored {
        score,
        label,
        text: None,
        start: None,
        end: None,
    };
    match answer {
        TaskPrediction::Label { scores, .. } | TaskPrediction::Labels { scores, .. } => scores
            .into_iter()
            .map(|label| bare(label.label, label.score))
            .collect(),
        TaskPrediction::Numbers { values } => values
            .into_iter()
            .map(|(target, value)| bare(target, value))
            .collect(),
        TaskPrediction::Entities { entities } => entities
            .into_iter()
            .map(|entity| Scored {
                score: entity.score,
                label: entity.label,
                text: Some(entity.text),
                start: Some(entity.start),
                end: Some(entity.end),
            })
            .collect(),
        TaskPrediction::Tags { words } => words
            .into_iter()
            .map(|word| Scored {
                score: word.score,
                label: word.label,
                text: Some(word.text),
                start: Some(word.start),
                end: Some(word.end),
            })
            .collect(),
        TaskPrediction::Answers { answers, .. } => answers
            .into_iter()
            .map(|answer| Scored {
                score: answer.score,
                label: "answer".to_owned(),
                text: Some(answer.text),
                start: Some(answer.start),
                end: Some(answer.end),
            })
            .collect(),
        _ => Vec::new(),
    }
}
