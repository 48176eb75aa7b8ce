//! Precision, recall and F1 of each label: classes, labels, entity types or tags.

use mtnet_metrics::{
    Average, ConfusionMatrix, Counts, EntityReport, MultiLabelReport, PrecisionRecallF1, Scheme,
};

use super::{index_of, is_bio, known_tags};
use crate::predictions::{Outcome, Prediction};

/// The scores of one label.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelScores {
    /// The label.
    pub label: String,
    /// Its scores, with how often it is right (`support`).
    pub scores: PrecisionRecallF1,
}

/// Scores by label, the most frequent first; empty for numbers or without predictions.
pub fn label_scores(columns: &[String], predictions: &[Prediction]) -> Vec<LabelScores> {
    let Some(first) = predictions.first() else {
        return Vec::new();
    };
    let scores = match &first.outcome {
        Outcome::Class { .. } => of_classes(columns, predictions),
        Outcome::Labels { .. } => of_labels(columns, predictions),
        Outcome::Tags { .. } if is_bio(columns) => of_entities(predictions),
        Outcome::Tags { .. } => of_tags(columns, predictions),
        Outcome::Numbers { .. } | Outcome::Spans { .. } => None,
    };
    let mut scores = scores.unwrap_or_default();
    // Neither right nor answered anywhere: there is nothing to say.
    scores.retain(|label| label.scores.support > 0 || label.scores.precision > 0.0);
    scores.sort_by(|a, b| {
        b.scores
            .support
            .cmp(&a.scores.support)
            .then_with(|| a.label.cmp(&b.label))
    });
    scores
}

/// F1 over all entities or labels, the number that buckets of such tasks are held against.
pub(super) fn micro_f1(columns: &[String], predictions: &[&Prediction]) -> Option<f64> {
    match &predictions.first()?.outcome {
        Outcome::Labels { .. } => {
            let (truth, answers) = label_rows(columns, predictions.iter().copied())?;
            let report = MultiLabelReport::new(&truth, &answers).ok()?;
            Some(report.average(Average::Micro).f1)
        }
        Outcome::Tags { .. } => {
            let (truth, answers): (Vec<_>, Vec<_>) = predictions
                .iter()
                .map(|prediction| known_tags(prediction))
                .collect::<Option<Vec<_>>>()?
                .into_iter()
                .unzip();
            let report = EntityReport::lenient(&truth, &answers, Scheme::Iob2).ok()?;
            Some(report.average(Average::Micro).f1)
        }
        _ => None,
    }
}

fn of_classes(columns: &[String], predictions: &[Prediction]) -> Option<Vec<LabelScores>> {
    let pairs = predictions
        .iter()
        .filter_map(|prediction| match &prediction.outcome {
            Outcome::Class { truth, answer, .. } => {
                Some((index_of(columns, truth), index_of(columns, answer)))
            }
            _ => None,
        });
    of_pairs(columns, pairs)
}

fn of_tags(columns: &[String], predictions: &[Prediction]) -> Option<Vec<LabelScores>> {
    let pairs = predictions
        .iter()
        .filter_map(known_tags)
        .flat_map(|(truth, answer)| {
            let columns = |label| index_of(columns, label);
            truth
                .into_iter()
                .zip(answer)
                .map(move |(truth, answer)| (columns(truth), columns(answer)))
        });
    of_pairs(columns, pairs)
}

fn of_pairs(
    columns: &[String],
    pairs: impl Iterator<Item = (usize, usize)>,
) -> Option<Vec<LabelScores>> {
    let (truth, answers): (Vec<usize>, Vec<usize>) = pairs.unzip();
    let matrix = ConfusionMatrix::from_classes(&truth, &answers, columns.len()).ok()?;
    Some(named(columns, matrix.per_class()))
}

fn of_labels(columns: &[String], predictions: &[Prediction]) -> Option<Vec<LabelScores>> {
    let (truth, answers) = label_rows(columns, predictions.iter())?;
    let report = MultiLabelReport::new(&truth, &answers).ok()?;
    Some(named(
        columns,
        report.per_label().iter().map(Counts::scores).collect(),
    ))
}

fn of_entities(predictions: &[Prediction]) -> Option<Vec<LabelScores>> {
    let (truth, answers): (Vec<_>, Vec<_>) = predictions
        .iter()
        .map(known_tags)
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .unzip();
    let report = EntityReport::lenient(&truth, &answers, Scheme::Iob2).ok()?;
    let types = report.per_type().iter();
    Some(
        types
            .map(|(label, counts)| LabelScores {
                label: label.clone(),
                scores: counts.scores(),
            })
            .collect(),
    )
}

type Rows = (Vec<Vec<bool>>, Vec<Vec<bool>>);

fn label_rows<'a>(
    columns: &[String],
    predictions: impl Iterator<Item = &'a Prediction>,
) -> Option<Rows> {
    let row = |labels: &[String]| {
        columns
            .iter()
            .map(|column| labels.contains(column))
            .collect()
    };
    let rows = predictions.map(|prediction| match &prediction.outcome {
        Outcome::Labels { truth, answer, .. } => Some((row(truth), row(answer))),
        _ => None,
    });
    Some(rows.collect::<Option<Vec<_>>>()?.into_iter().unzip())
}

fn named(columns: &[String], scores: Vec<PrecisionRecallF1>) -> Vec<LabelScores> {
    let pairs = columns.iter().zip(scores);
    pairs
        .map(|(label, scores)| LabelScores {
            label: label.clone(),
            scores,
        })
        .collect()
}
