//! `predictions-<split>.jsonl`: what the selected weights answered, for reports.
//!
//! `mtnet_report::predictions` owns the format. A file is written beside its place and renamed, so
//! that a reader never sees half of one.

use std::io::{BufWriter, Write};

use mtnet_core::{IGNORED_TAG, Split, Target};
use mtnet_heads::{Answer, HeadConfig, TaskSpec};
use mtnet_model::ModelFolder;
use mtnet_report::predictions::{
    Outcome, PREDICTIONS_FORMAT, Prediction, PredictionHeader, Predictions, rounded,
};
use serde::Serialize;

use super::evaluate::Answers;
use super::job::Job;
use super::prepare::SplitSummary;
use super::{Prepared, TrainError};

impl Job<'_> {
    /// Keeps the answers for a split; nothing where it has no examples.
    pub(super) fn save_predictions(
        &self,
        folder: &ModelFolder,
        split: Split,
        answers: &Answers,
        step: u64,
    ) -> Result<(), TrainError> {
        if self.prepared.corpus(split).is_empty() {
            return Ok(());
        }
        let name = Predictions::file_name(split.as_str());
        let path = self.output.join(&name);
        let beside = self.output.join(format!("{name}.partial"));
        let written = std::fs::File::create(&beside).and_then(|file| {
            let mut file = BufWriter::new(file);
            write(&mut file, self.prepared, folder, split, answers, step)?;
            file.into_inner()?.sync_data()
        });
        written
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(TrainError::file(path))
    }
}

fn write(
    out: &mut impl Write,
    prepared: &Prepared,
    folder: &ModelFolder,
    split: Split,
    answers: &Answers,
    step: u64,
) -> std::io::Result<()> {
    let tasks = folder.model.tasks();
    let columns = tasks
        .iter()
        .map(|task| (task.spec.name.to_string(), task.spec.labels.clone()));
    let header = PredictionHeader {
        format: PREDICTIONS_FORMAT,
        split: split.to_string(),
        step,
        columns: columns.collect(),
    };
    line(out, &header)?;
    let corpus = prepared.corpus(split);
    for (index, task) in tasks.iter().enumerate() {
        for (example, answer, target) in answers.of_task(index, &task.spec.name, corpus) {
            let Some((dataset, found)) = example_of(&prepared.summaries, split, example) else {
                continue;
            };
            let Some(outcome) = outcome(&task.spec, target, &answer, found) else {
                continue;
            };
            let prediction = Prediction {
                task: task.spec.name.to_string(),
                dataset: dataset.to_owned(),
                line: found.line,
                tokens: corpus.texts()[example].tokens(),
                text: found.text.first().text().to_owned(),
                text_pair: found.text.second().map(|second| second.text().to_owned()),
                outcome,
            };
            line(out, &prediction)?;
        }
    }
    Ok(())
}

fn line(out: &mut impl Write, value: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// The example of a split's corpus as read, with its data set.
fn example_of(
    summaries: &[SplitSummary],
    split: Split,
    example: usize,
) -> Option<(&str, &mtnet_core::Example)> {
    let mut of_split = summaries.iter().filter(|summary| summary.split == split);
    let holder = of_split.rfind(|summary| summary.first_example <= example)?;
    let found = holder.data.examples.get(example - holder.first_example)?;
    Some((&holder.dataset, found))
}

/// Target and answer with their names; `None` for kinds that a report does not know.
fn outcome(
    spec: &TaskSpec,
    target: &Target,
    answer: &Answer,
    example: &mtnet_core::Example,
) -> Option<Outcome> {
    let name = |column: u32| spec.labels.get(column as usize).cloned();
    let names = |columns: &[u32]| {
        columns
            .iter()
            .copied()
            .map(name)
            .collect::<Option<Vec<_>>>()
    };
    let all_rounded = |row: &[f32]| row.iter().copied().map(rounded).collect();
    Some(match (target, answer) {
        (
            Target::Class(truth),
            Answer::Class {
                label,
                probabilities,
            },
        ) => Outcome::Class {
            truth: name(*truth)?,
            answer: name(*label)?,
            probabilities: all_rounded(probabilities),
        },
        (
            Target::MultiLabel(truth),
            Answer::Labels {
                labels,
                probabilities,
            },
        ) => Outcome::Labels {
            truth: names(truth)?,
            answer: names(labels)?,
            probabilities: all_rounded(probabilities),
        },
        (Target::Numbers(truth), Answer::Numbers { values }) => Outcome::Numbers {
            truth: truth
                .iter()
                .map(|number| (!number.is_nan()).then_some(f64::from(*number)))
                .collect(),
            answer: values.iter().map(|value| f64::from(*value)).collect(),
        },
        (Target::Spans { answers, .. }, Answer::Spans { spans, null }) => {
            let HeadConfig::QuestionAnswering(config) = &spec.head else {
                return None;
            };
            let best = config.chosen(spans, *null).first();
            Outcome::Spans {
                truth: answers
                    .iter()
                    .map(|place| [place.start, place.end])
                    .collect(),
                answer: best.map(|span| [span.start as usize, span.end as usize]),
            }
        }
        (
            Target::Tags(truth),
            Answer::Tags {
                tags,
                probabilities,
            },
        ) => Outcome::Tags {
            words: example
                .text
                .first()
                .words()?
                .iter()
                .map(|word| [word.start, word.end])
                .collect(),
            // A word without a tag has none; one whose tag has no name cannot be.
            truth: truth
                .iter()
                .map(|&tag| if tag == IGNORED_TAG { None } else { name(tag) })
                .collect(),
            answer: names(tags)?,
            probabilities: all_rounded(probabilities),
        },
        _ => return None,
    })
}
