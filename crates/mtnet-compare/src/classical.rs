//! The classical baseline of each task, fitted once and kept.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use mtnet_baselines::{Baseline, Examples, Options, Prediction};
use mtnet_core::{InputText, Split, Target, TaskName};
use mtnet_data::sha256;
use mtnet_heads::{Answer, HeadConfig, SpanScore};
use mtnet_model::Task;
use mtnet_train::trainer::Prepared;

use crate::answers::{read, write_json};
use crate::{CompareError, TaskAnswers, TaskScores, TestAnswers};

/// The texts of a split in the order of its corpus.
pub(crate) fn texts(prepared: &Prepared, split: Split) -> Vec<&InputText> {
    let summaries = prepared.summaries.iter();
    summaries
        .filter(|summary| summary.split == split)
        .flat_map(|summary| summary.data.examples.iter().map(|example| &example.text))
        .collect()
}

fn examples<'a>(prepared: &'a Prepared, split: Split, task: &TaskName) -> Examples<'a> {
    let targets = prepared.corpus(split).targets();
    Examples::new(
        texts(prepared, split)
            .into_iter()
            .zip(targets)
            .filter_map(|(text, targets)| Some((text, targets.get(task)?))),
    )
}

/// Answers of the baseline of a task for the test examples; `data` is the hash of its single-task
/// run, in which the data is.
pub(crate) fn answers(
    prepared: &Prepared,
    task: &Task,
    scores: &TaskScores<'_>,
    split: Split,
    data: &str,
    folder: &Path,
) -> Result<TestAnswers, CompareError> {
    let options = Options {
        threshold: match &task.spec.head {
            HeadConfig::MultiLabel(config) => config.threshold,
            _ => Options::default().threshold,
        },
        ..Options::default()
    };
    let name = &task.spec.name;
    let hash = sha256(format!("{data} {options:?}").as_bytes());
    let path = folder.join(format!("{name}-{}.json", &hash[..12]));
    if let Some(known) = read(&path)? {
        return Ok(known);
    }
    let failed = |source| CompareError::Baseline {
        task: name.clone(),
        source,
    };
    let begun = Instant::now();
    let train = examples(prepared, Split::Train, name);
    let dev = examples(prepared, Split::Dev, name);
    let on_dev = TaskScores {
        targets: &dev.targets,
        ..*scores
    };
    let select = |predictions: &[Prediction]| {
        let answers: Vec<Answer> = predictions.iter().map(answer).collect();
        let score = on_dev.score(&answers).ok()?;
        Some(if scores.higher_is_better {
            score
        } else {
            -score
        })
    };
    let kind = task.head.target_kind();
    let columns = task.spec.labels.len();
    let baseline = Baseline::fit(kind, columns, &train, &dev, options, select).map_err(failed)?;
    let seconds = begun.elapsed().as_secs_f64();
    let test = examples(prepared, split, name);
    let predictions = baseline.predict(&test.texts).map_err(failed)?;
    let answers = TestAnswers {
        tasks: BTreeMap::from([(
            name.clone(),
            TaskAnswers {
                split,
                labels: task.spec.labels.clone(),
                answers: predictions.iter().map(answer).collect(),
            },
        )]),
        seconds,
        parameters: baseline.parameters(),
        steps: 0,
        chosen: baseline.setting().to_owned(),
    };
    write_json(&path, &answers)?;
    Ok(answers)
}

fn answer(prediction: &Prediction) -> Answer {
    let probabilities = prediction.probabilities.clone();
    match &prediction.answer {
        Target::Class(label) => Answer::Class {
            label: *label,
            probabilities,
        },
        Target::MultiLabel(labels) => Answer::Labels {
            labels: labels.clone(),
            probabilities,
        },
        Target::Tags(tags) => Answer::Tags {
            tags: tags.clone(),
            // A perceptron has none; nothing that is compared here asks for them.
            probabilities: vec![1.0; tags.len()],
        },
        Target::Numbers(values) => Answer::Numbers {
            values: values.clone(),
        },
        Target::Spans { answers, .. } => Answer::Spans {
            spans: answers
                .iter()
                .map(|place| SpanScore {
                    start: place.start as u32,
                    end: place.end as u32,
                    score: 0.0,
                })
                .collect(),
            null: f32::MIN,
        },
        other => unreachable!("a baseline answers in the form of its targets, not {other:?}"),
    }
}
