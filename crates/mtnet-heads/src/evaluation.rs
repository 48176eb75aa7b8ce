//! From answers and targets to metrics, one function a kind of answer.

use mtnet_core::{IGNORED_TAG, Target};
use mtnet_metrics::{
    Average, ConfusionMatrix, EntityReport, KappaWeights, Metric, MetricError, MetricKind,
    MetricSet, MultiLabelReport, Scheme, average_precision, cmrc_2018, label_average_precision,
    log_loss, mean_absolute_error, pearson, roc_auc, roc_auc_one_vs_rest, root_mean_squared_error,
    spearman, squad_v2, token_accuracy,
};

use crate::{Answer, AnswerScoring, HeadError, QuestionAnsweringConfig};

/// Accuracy first, then F1 averages, agreement, and scores of the probabilities.
pub(crate) fn classes(
    kind: &'static str,
    columns: usize,
    answers: &[Answer],
    targets: &[&Target],
) -> Result<MetricSet, HeadError> {
    let truth = read(kind, "one class", targets, |target| match target {
        Target::Class(class) => Some(*class as usize),
        _ => None,
    })?;
    let mut predicted = Vec::with_capacity(answers.len());
    let mut probabilities: Vec<Vec<f64>> = Vec::with_capacity(answers.len());
    for answer in answers {
        let Answer::Class {
            label,
            probabilities: row,
        } = answer
        else {
            return Err(wrong_answer(kind, "one label", answer));
        };
        predicted.push(*label as usize);
        let sum: f64 = row.iter().map(|&p| f64::from(p)).sum();
        probabilities.push(row.iter().map(|&p| f64::from(p) / sum).collect());
    }
    let matrix = ConfusionMatrix::from_classes(&truth, &predicted, columns)?;
    let mut metrics = MetricSet::new();
    metrics.record(MetricKind::Accuracy, matrix.accuracy());
    metrics.record(MetricKind::MacroF1, matrix.average(Average::Macro).f1);
    metrics.record(MetricKind::MicroF1, matrix.average(Average::Micro).f1);
    metrics.record(MetricKind::WeightedF1, matrix.average(Average::Weighted).f1);
    metrics.record(MetricKind::BalancedAccuracy, matrix.balanced_accuracy());
    metrics.record(
        MetricKind::MatthewsCorrelation,
        matrix.matthews_correlation(),
    );
    metrics.record(
        MetricKind::CohenKappa,
        matrix.cohen_kappa(KappaWeights::None),
    );
    let area = if columns == 2 {
        let positive: Vec<bool> = truth.iter().map(|&class| class == 1).collect();
        let scores: Vec<f64> = probabilities.iter().map(|row| row[1]).collect();
        metrics.record(
            MetricKind::AveragePrecision,
            or_nan(average_precision(&positive, &scores))?,
        );
        roc_auc(&positive, &scores)
    } else {
        roc_auc_one_vs_rest(&truth, &probabilities, Average::Macro)
    };
    metrics.record(MetricKind::RocAuc, or_nan(area)?);
    metrics.record(
        MetricKind::LogLoss,
        or_nan(log_loss(&truth, &probabilities))?,
    );
    Ok(metrics)
}

/// Micro F1 first: most labels of most texts do not hold, so accuracy says little.
pub(crate) fn multi_label(
    kind: &'static str,
    columns: usize,
    answers: &[Answer],
    targets: &[&Target],
) -> Result<MetricSet, HeadError> {
    let row = |labels: &[u32]| {
        let mut row = vec![false; columns];
        labels.iter().for_each(|&label| row[label as usize] = true);
        row
    };
    let truth = read(kind, "a set of labels", targets, |target| match target {
        Target::MultiLabel(labels) => Some(row(labels)),
        _ => None,
    })?;
    let mut predicted = Vec::with_capacity(answers.len());
    let mut scores: Vec<Vec<f64>> = Vec::with_capacity(answers.len());
    for answer in answers {
        let Answer::Labels {
            labels,
            probabilities,
        } = answer
        else {
            return Err(wrong_answer(kind, "a set of labels", answer));
        };
        predicted.push(row(labels));
        scores.push(probabilities.iter().map(|&p| f64::from(p)).collect());
    }
    let report = MultiLabelReport::new(&truth, &predicted)?;
    let mut metrics = MetricSet::new();
    metrics.record(MetricKind::MicroF1, report.average(Average::Micro).f1);
    metrics.record(MetricKind::MacroF1, report.average(Average::Macro).f1);
    metrics.record(MetricKind::WeightedF1, report.average(Average::Weighted).f1);
    metrics.record(MetricKind::SamplesF1, report.samples_average().f1);
    metrics.record(MetricKind::SubsetAccuracy, report.subset_accuracy());
    metrics.record(MetricKind::HammingLoss, report.hamming_loss());
    let precision = or_nan(label_average_precision(&truth, &scores, Average::Micro))?;
    metrics.record(MetricKind::AveragePrecision, precision);
    Ok(metrics)
}

/// Correlations first, each the mean over the targets; then errors, which have the file's unit.
pub(crate) fn regression(
    kind: &'static str,
    names: &[String],
    answers: &[Answer],
    targets: &[&Target],
) -> Result<MetricSet, HeadError> {
    let truth = read(kind, "numbers", targets, |target| match target {
        Target::Numbers(numbers) => Some(numbers.clone()),
        _ => None,
    })?;
    let mut predicted = Vec::with_capacity(answers.len());
    for answer in answers {
        let Answer::Numbers { values } = answer else {
            return Err(wrong_answer(kind, "numbers", answer));
        };
        predicted.push(values);
    }
    type Of = fn(&[f64], &[f64]) -> Result<f64, MetricError>;
    let kinds: [(MetricKind, Of); 4] = [
        (MetricKind::Spearman, spearman),
        (MetricKind::Pearson, pearson),
        (MetricKind::RootMeanSquaredError, root_mean_squared_error),
        (MetricKind::MeanAbsoluteError, mean_absolute_error),
    ];
    let mut means = MetricSet::new();
    let mut parts = MetricSet::new();
    for (metric, of) in kinds {
        let mut sum = 0.0;
        for (column, name) in names.iter().enumerate() {
            let pairs = truth
                .iter()
                .zip(&predicted)
                .map(|(truth, predicted)| (truth[column], predicted[column]));
            let (truth, predicted): (Vec<f64>, Vec<f64>) = pairs
                .filter(|(truth, _)| !truth.is_nan())
                .map(|(truth, predicted)| (f64::from(truth), f64::from(predicted)))
                .unzip();
            let value = or_nan(of(&truth, &predicted))?;
            sum += value;
            if names.len() > 1 {
                parts.insert(Metric::of_part(metric, name, value));
            }
        }
        means.record(metric, sum / names.len() as f64);
    }
    means.extend(parts);
    Ok(means)
}

/// Entity F1 first for labels in the BIO scheme, else the share of words with the right tag.
pub(crate) fn tags(
    kind: &'static str,
    labels: &[String],
    entities: bool,
    answers: &[Answer],
    targets: &[&Target],
) -> Result<MetricSet, HeadError> {
    let truth = read(kind, "one tag a word", targets, |target| match target {
        Target::Tags(tags) => Some(tags),
        _ => None,
    })?;
    let mut expected: Vec<Vec<&str>> = Vec::with_capacity(truth.len());
    let mut predicted: Vec<Vec<&str>> = Vec::with_capacity(truth.len());
    for (truth, answer) in truth.into_iter().zip(answers) {
        let Answer::Tags { tags, .. } = answer else {
            return Err(wrong_answer(kind, "one tag a word", answer));
        };
        if truth.len() != tags.len() {
            let found = format!("{} tags for {} words", tags.len(), truth.len());
            return Err(HeadError::Mismatch {
                kind,
                expected: "one tag a word",
                found,
            });
        }
        let known = truth
            .iter()
            .zip(tags)
            .filter(|&(&truth, _)| truth != IGNORED_TAG);
        let (truth, tags): (Vec<&str>, Vec<&str>) = known
            .map(|(&truth, &tag)| {
                (
                    labels[truth as usize].as_str(),
                    labels[tag as usize].as_str(),
                )
            })
            .unzip();
        expected.push(truth);
        predicted.push(tags);
    }
    let accuracy = or_nan(token_accuracy(&expected, &predicted))?;
    let mut metrics = MetricSet::new();
    if entities {
        let report = EntityReport::lenient(&expected, &predicted, Scheme::Iob2)?;
        let micro = report.average(Average::Micro);
        metrics.record(MetricKind::EntityF1, micro.f1);
        metrics.record(MetricKind::EntityPrecision, micro.precision);
        metrics.record(MetricKind::EntityRecall, micro.recall);
        metrics.record(MetricKind::EntityMacroF1, report.average(Average::Macro).f1);
        metrics.record(MetricKind::TokenAccuracy, accuracy);
        return Ok(metrics);
    }
    metrics.record(MetricKind::Accuracy, accuracy);
    let column = |tag: &str| {
        labels
            .iter()
            .position(|label| label == tag)
            .unwrap_or_default()
    };
    let flat = |rows: &[Vec<&str>]| {
        rows.iter()
            .flatten()
            .map(|tag| column(tag))
            .collect::<Vec<_>>()
    };
    let matrix = ConfusionMatrix::from_classes(&flat(&expected), &flat(&predicted), labels.len())?;
    metrics.record(MetricKind::MacroF1, matrix.average(Average::Macro).f1);
    metrics.record(MetricKind::WeightedF1, matrix.average(Average::Weighted).f1);
    Ok(metrics)
}

/// F1 of the answers' words (or characters) first, then the share that matches exactly. A question
/// without a true answer is rightly answered by none.
pub(crate) fn spans(
    kind: &'static str,
    config: &QuestionAnsweringConfig,
    answers: &[Answer],
    targets: &[&Target],
) -> Result<MetricSet, HeadError> {
    let truth = read(kind, "answers", targets, |target| match target {
        Target::Spans { context, answers } => Some((context, answers)),
        _ => None,
    })?;
    let mut expected: Vec<Vec<&str>> = Vec::with_capacity(truth.len());
    let mut predicted: Vec<&str> = Vec::with_capacity(truth.len());
    for ((context, right), answer) in truth.into_iter().zip(answers) {
        let Answer::Spans { spans, null } = answer else {
            return Err(wrong_answer(kind, "spans of a text", answer));
        };
        let best = config.chosen(spans, *null).first();
        let place = best.map_or(0..0, |span| span.start as usize..span.end as usize);
        let found = context
            .get(place.clone())
            .ok_or_else(|| HeadError::Mismatch {
                kind,
                expected: "a slice of the text",
                found: format!("bytes {place:?} of {}", context.len()),
            })?;
        predicted.push(found);
        let right = right.iter().filter_map(|place| context.get(place.clone()));
        expected.push(right.collect());
    }
    let scores = match config.scoring {
        AnswerScoring::Words => squad_v2(&predicted, &expected),
        AnswerScoring::Characters => cmrc_2018(&predicted, &expected),
    };
    let (f1, exact_match) = match scores {
        Ok(scores) => (scores.f1, scores.exact_match),
        Err(MetricError::Empty { .. }) => (f64::NAN, f64::NAN),
        Err(error) => return Err(error.into()),
    };
    let mut metrics = MetricSet::new();
    metrics.record(MetricKind::AnswerF1, f1);
    metrics.record(MetricKind::ExactMatch, exact_match);
    Ok(metrics)
}

fn read<'a, T>(
    kind: &'static str,
    expected: &'static str,
    targets: &[&'a Target],
    of: impl Fn(&'a Target) -> Option<T>,
) -> Result<Vec<T>, HeadError> {
    let found = |target: &Target| HeadError::Mismatch {
        kind,
        expected,
        found: format!("{target:?}"),
    };
    targets
        .iter()
        .map(|target| of(target).ok_or_else(|| found(target)))
        .collect()
}

fn wrong_answer(kind: &'static str, expected: &'static str, answer: &Answer) -> HeadError {
    HeadError::Mismatch {
        kind,
        expected,
        found: answer.describe().to_owned(),
    }
}

/// NaN where a metric is not defined on this data, such as the area under a curve of one class.
fn or_nan(value: Result<f64, MetricError>) -> Result<f64, HeadError> {
    match value {
        Ok(value) => Ok(value),
        Err(MetricError::Empty { .. }) => Ok(f64::NAN),
        Err(error) => Err(error.into()),
    }
}
