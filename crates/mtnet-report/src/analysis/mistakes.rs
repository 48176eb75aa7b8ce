//! The worst mistakes: wrong answers by how sure the model was, or by how far they are off.

use mtnet_metrics::{Scheme, entities};

use super::answers::{answer_scores, answer_texts};
use super::entity_errors::pair;
use super::{ErrorClass, index_of, is_bio};
use crate::predictions::{Outcome, Prediction};

/// A wrong answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake<'a> {
    /// Where it was made.
    pub prediction: &'a Prediction,
    /// What is right.
    pub truth: String,
    /// What was answered.
    pub answer: String,
    /// How bad it is, for a reader: `0.98 sure`.
    pub weight: String,
    /// Bytes of the text that are concerned, rising.
    pub marks: Vec<[usize; 2]>,
}

/// The worst `count` mistakes of a task. A text that occurs twice is told once.
pub fn worst_mistakes<'a>(
    columns: &[String],
    predictions: &'a [Prediction],
    count: usize,
) -> Vec<Mistake<'a>> {
    let bio = is_bio(columns);
    let mut found: Vec<(f64, Mistake)> = predictions
        .iter()
        .filter_map(|prediction| judge(columns, bio, prediction))
        .filter(|(badness, _)| badness.is_finite())
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut mistakes: Vec<Mistake> = Vec::new();
    for (_, mistake) in found {
        let text = (&mistake.prediction.text, &mistake.prediction.text_pair);
        let known = |m: &Mistake| (&m.prediction.text, &m.prediction.text_pair) == text;
        if mistakes.len() < count && !mistakes.iter().any(known) {
            mistakes.push(mistake);
        }
    }
    mistakes
}

fn judge<'a>(
    columns: &[String],
    bio: bool,
    prediction: &'a Prediction,
) -> Option<(f64, Mistake<'a>)> {
    let mistake = |truth: String, answer: String, weight: String, marks| Mistake {
        prediction,
        truth,
        answer,
        weight,
        marks,
    };
    match &prediction.outcome {
        Outcome::Class {
            truth,
            answer,
            probabilities,
        } => {
            let sure = probabilities[index_of(columns, answer)];
            let wrong = truth != answer;
            let told = || {
                mistake(
                    truth.clone(),
                    answer.clone(),
                    format!("{sure:.2} sure"),
                    Vec::new(),
                )
            };
            wrong.then(|| (sure, told()))
        }
        Outcome::Labels {
            truth,
            answer,
            probabilities,
        } => {
            if truth.len() == answer.len() && truth.iter().all(|label| answer.contains(label)) {
                return None;
            }
            // Mean log loss over the labels: sure and wrong weighs most.
            let nats: f64 = columns
                .iter()
                .zip(probabilities)
                .map(|(column, p)| if truth.contains(column) { *p } else { 1.0 - p })
                .map(|right| -right.max(1e-6).ln())
                .sum();
            let join = |labels: &[String]| match labels.is_empty() {
                true => "(none)".to_owned(),
                false => labels.join(", "),
            };
            Some((
                nats,
                mistake(
                    join(truth),
                    join(answer),
                    format!("{nats:.2} nats"),
                    Vec::new(),
                ),
            ))
        }
        Outcome::Numbers { truth, answer } => {
            let off = |(truth, answer): (&Option<f64>, &f64)| Some(((*truth)? - answer).abs());
            let worst = truth
                .iter()
                .zip(answer)
                .filter_map(off)
                .fold(f64::NAN, f64::max);
            let number = |number: f64| format!("{number:.3}");
            let truths: Vec<String> = truth
                .iter()
                .map(|truth| truth.map_or("–".to_owned(), number))
                .collect();
            let answers: Vec<String> = answer.iter().map(|&answer| number(answer)).collect();
            let told = mistake(
                truths.join(", "),
                answers.join(", "),
                format!("off by {worst:.3}"),
                Vec::new(),
            );
            (worst > 0.0).then_some((worst, told))
        }
        Outcome::Tags { .. } if bio => entity_mistake(prediction),
        Outcome::Tags { .. } => tag_mistake(prediction),
        Outcome::Spans { .. } => {
            let (truth, answer) = answer_texts(prediction)?;
            let (exact, f1) = answer_scores(prediction)?;
            let quoted = |text: &str| match text.is_empty() {
                true => "(no answer)".to_owned(),
                false => format!("“{text}”"),
            };
            let mut right: Vec<String> = truth.into_iter().map(quoted).collect();
            right.dedup();
            if right.is_empty() {
                right.push(quoted(""));
            }
            let weight = format!("F1 {f1:.2}");
            let told = mistake(right.join(", "), quoted(answer), weight, Vec::new());
            (!exact).then_some((1.0 - f1, told))
        }
    }
}

/// Texts with the most wrong entities come first, among them those that the model was surest of.
fn entity_mistake(prediction: &Prediction) -> Option<(f64, Mistake<'_>)> {
    let Outcome::Tags {
        words,
        truth,
        answer,
        probabilities,
    } = &prediction.outcome
    else {
        return None;
    };
    let known: Vec<usize> = (0..answer.len())
        .filter(|&word| truth[word].is_some())
        .collect();
    let of_truth: Vec<&str> = known
        .iter()
        .filter_map(|&word| truth[word].as_deref())
        .collect();
    let of_answer: Vec<&str> = known.iter().map(|&word| answer[word].as_str()).collect();
    let (of_truth, of_answer) = (
        entities(&of_truth, Scheme::Iob2),
        entities(&of_answer, Scheme::Iob2),
    );
    let span = |start: usize, end: usize| [words[known[start]][0], words[known[end - 1]][1]];
    let (mut right, mut wrong, mut marks) = (Vec::new(), Vec::new(), Vec::new());
    let mut count = 0;
    for (class, of_truth, of_answer) in pair(&of_truth, &of_answer) {
        if class == ErrorClass::Correct {
            continue;
        }
        count += 1;
        for (entity, list) in [(of_truth, &mut right), (of_answer, &mut wrong)] {
            if let Some(entity) = entity {
                let [from, to] = span(entity.start, entity.end);
                list.push(format!("{} “{}”", entity.label, &prediction.text[from..to]));
                marks.push([from, to]);
            }
        }
    }
    if count == 0 {
        return None;
    }
    let sure = probabilities.iter().sum::<f64>() / probabilities.len().max(1) as f64;
    let join = |list: Vec<String>| match list.is_empty() {
        true => "(none)".to_owned(),
        false => list.join(", "),
    };
    let plural = if count == 1 { "entity" } else { "entities" };
    let told = Mistake {
        prediction,
        truth: join(right),
        answer: join(wrong),
        weight: format!("{count} {plural}, {sure:.2} sure"),
        marks: merged(marks),
    };
    Some((f64::from(count) + sure, told))
}

fn tag_mistake(prediction: &Prediction) -> Option<(f64, Mistake<'_>)> {
    let Outcome::Tags {
        words,
        truth,
        answer,
        probabilities,
    } = &prediction.outcome
    else {
        return None;
    };
    let (mut right, mut wrong, mut marks, mut sure) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
    for (word, (truth, answer)) in truth.iter().zip(answer).enumerate() {
        if let Some(truth) = truth.as_ref().filter(|truth| *truth != answer) {
            let text = &prediction.text[words[word][0]..words[word][1]];
            right.push(format!("{truth} “{text}”"));
            wrong.push(format!("{answer} “{text}”"));
            marks.push(words[word]);
            sure += probabilities[word];
        }
    }
    let told = Mistake {
        prediction,
        truth: right.join(", "),
        answer: wrong.join(", "),
        weight: format!("{} words", marks.len()),
        marks: merged(marks),
    };
    (!right.is_empty()).then_some((sure, told))
}

/// Sorted, with those that touch or overlap made one.
fn merged(mut marks: Vec<[usize; 2]>) -> Vec<[usize; 2]> {
    marks.sort_unstable();
    let mut merged: Vec<[usize; 2]> = Vec::new();
    for [from, to] in marks {
        match merged.last_mut() {
            Some(last) if last[1] >= from => last[1] = last[1].max(to),
            _ => merged.push([from, to]),
        }
    }
    merged
}
