//! Answers to questions as SQuAD scores them: exact match and F1 of words.
//!
//! Texts are lowercased, stripped of ASCII punctuation and of the articles *a*, *an*, *the*, and
//! split at whitespace. F1 is that of the bags of words; of several true answers the best counts.
//! Rajpurkar et al. 2016, §6.1 (<https://arxiv.org/abs/1606.05250>), and for questions without an
//! answer Rajpurkar et al. 2018 (<https://arxiv.org/abs/1806.03822>). The official scripts
//! disagree on an answer of which nothing is left: the first gives it F1 0 even where the true
//! answer is the same (exact match is 1), the second F1 1 if both are empty and 0 otherwise.
//!
//! Scores are fractions, where the scripts print percentages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Counts, MetricError, checks};

/// Scores of one answer, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnswerScores {
    /// 1 if it is a true answer word for word, else 0.
    pub exact_match: f64,
    /// F1 of its words.
    pub f1: f64,
}

/// Scores of all answers, of at least one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SquadScores {
    /// Share of answers that match word for word.
    pub exact_match: f64,
    /// Mean F1 of words.
    pub f1: f64,
    /// Scores of each answer.
    pub per_answer: Vec<AnswerScores>,
}

/// Scores by SQuAD 1.1; `answers` holds the true answers of each question, at least one.
///
/// # Errors
/// If there are no questions, the lists differ in length, or a question has no true answer.
pub fn squad_v1<P, S, A>(predictions: &[P], answers: &[A]) -> Result<SquadScores, MetricError>
where
    P: AsRef<str>,
    S: AsRef<str>,
    A: AsRef<[S]>,
{
    checks::paired("predictions", predictions.len(), "questions", answers.len())?;
    if let Some(position) = answers
        .iter()
        .position(|answers| answers.as_ref().is_empty())
    {
        return Err(MetricError::Unanswerable { position });
    }
    Ok(score(predictions, answers, |prediction, answers| {
        best(prediction, &answers, 0.0)
    }))
}

/// Scores by SQuAD 2.0; a question without true answers is rightly answered by an empty text.
///
/// # Errors
/// If there are no questions, or the lists differ in length.
pub fn squad_v2<P, S, A>(predictions: &[P], answers: &[A]) -> Result<SquadScores, MetricError>
where
    P: AsRef<str>,
    S: AsRef<str>,
    A: AsRef<[S]>,
{
    checks::paired("predictions", predictions.len(), "questions", answers.len())?;
    Ok(score(predictions, answers, |prediction, mut answers| {
        answers.retain(|answer| !answer.is_empty());
        if answers.is_empty() {
            answers.push(String::new());
        }
        best(prediction, &answers, 1.0)
    }))
}

/// The form in which answers are compared.
///
/// ```
/// assert_eq!(mtnet_metrics::normalize_answer("The  U.S. Army!"), "us army");
/// ```
pub fn normalize_answer(text: &str) -> String {
    let mut plain = text.to_lowercase();
    plain.retain(|character| !character.is_ascii_punctuation());
    let mut kept = String::with_capacity(plain.len());
    for piece in plain.split_inclusive(|character: char| !character.is_alphanumeric()) {
        let word = piece.trim_end_matches(|character: char| !character.is_alphanumeric());
        let is_article = matches!(word, "a" | "an" | "the");
        kept.push_str(if is_article { " " } else { word });
        kept.push_str(&piece[word.len()..]);
    }
    let words: Vec<&str> = kept
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Whitespace as the official scripts see it, which counts the four ASCII separators.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// Scores of each answer, given its normal form and those of the true ones, and their means.
fn score<P, S, A>(
    predictions: &[P],
    answers: &[A],
    score_one: impl Fn(&str, Vec<String>) -> AnswerScores,
) -> SquadScores
where
    P: AsRef<str>,
    S: AsRef<str>,
    A: AsRef<[S]>,
{
    score_with(
        predictions,
        answers,
        normalize_answer,
        |found, true_ones| score_one(&found, true_ones),
    )
}

/// The same with another normal form.
pub(crate) fn score_with<P, S, A, N>(
    predictions: &[P],
    answers: &[A],
    normal: impl Fn(&str) -> N,
    score_one: impl Fn(N, Vec<N>) -> AnswerScores,
) -> SquadScores
where
    P: AsRef<str>,
    S: AsRef<str>,
    A: AsRef<[S]>,
{
    let per_answer: Vec<AnswerScores> = predictions
        .iter()
        .zip(answers)
        .map(|(prediction, answers)| {
            let answers = answers.as_ref().iter();
            let answers = answers.map(|answer| normal(answer.as_ref()));
            score_one(normal(prediction.as_ref()), answers.collect())
        })
        .collect();
    let mean = |of: fn(&AnswerScores) -> f64| {
        per_answer.iter().map(of).sum::<f64>() / per_answer.len() as f64
    };
    SquadScores {
        exact_match: mean(|scores| scores.exact_match),
        f1: mean(|scores| scores.f1),
        per_answer,
    }
}

/// The best of each score over the true answers, which may come from different ones.
fn best(prediction: &str, answers: &[String], both_empty: f64) -> AnswerScores {
    let mut best = AnswerScores::default();
    for answer in answers {
        if prediction == answer {
            best.exact_match = 1.0;
        }
        let f1 = match (prediction.is_empty(), answer.is_empty()) {
            (true, true) => both_empty,
            _ => words_f1(prediction, answer),
        };
        best.f1 = best.f1.max(f1);
    }
    best
}

fn words_f1(prediction: &str, answer: &str) -> f64 {
    let mut left: BTreeMap<&str, u64> = BTreeMap::new();
    for word in answer.split_whitespace() {
        *left.entry(word).or_default() += 1;
    }
    let mut counts = Counts {
        false_negatives: left.values().sum(),
        ..Counts::default()
    };
    for word in prediction.split_whitespace() {
        match left.get_mut(word) {
            Some(count) if *count > 0 => {
                *count -= 1;
                counts.false_negatives -= 1;
                counts.true_positives += 1;
            }
            _ => counts.false_positives += 1,
        }
    }
    counts.f1()
}
