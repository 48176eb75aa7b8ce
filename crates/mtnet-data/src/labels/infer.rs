//! Label sets, widths and tag notations found in the training data.

use std::collections::{BTreeMap, BTreeSet};

use mtnet_core::{LabelSet, RawTarget, TaskName};

use super::detect::detect;
use super::scheme::{iob2_tag, parse_tag, to_iob2};
use super::{LabelOptions, LabelSource, TagScheme, TaskSchema, TaskSchemas, UnknownLabel};
use crate::reading::NO_TAG;
use crate::{DataError, SplitData, TargetKind};

impl TaskSchemas {
    /// The schemas of tasks, from what their options say and the training data hold: the training
    /// splits of all data sets, or the data to be scored where the labels are given.
    ///
    /// # Errors
    /// If a task has no label at all, its given labels are no label set, or its unknown labels are
    /// mapped to one that does not exist.
    pub fn infer(
        tasks: &BTreeMap<TaskName, LabelOptions>,
        train: &[&SplitData],
    ) -> Result<Self, DataError> {
        tasks
            .iter()
            .map(|(task, options)| Ok((task.clone(), infer(task, options, train)?)))
            .collect()
    }
}

fn infer(
    task: &TaskName,
    options: &LabelOptions,
    train: &[&SplitData],
) -> Result<TaskSchema, DataError> {
    let mut schema = TaskSchema {
        kind: options.kind,
        labels: None,
        width: 0,
        unknown_label: options.unknown_label.clone(),
        scheme: TagScheme::Plain,
    };
    if options.kind == TargetKind::Numbers {
        let width = targets(task, train).find_map(|(_, _, target)| match target {
            RawTarget::Numbers(numbers) => Some(numbers.len()),
            _ => None,
        });
        schema.width = width.ok_or_else(|| DataError::NoLabels { task: task.clone() })?;
        return Ok(schema);
    }
    if options.kind == TargetKind::Spans {
        if targets(task, train).next().is_none() {
            return Err(DataError::NoLabels { task: task.clone() });
        }
        schema.width = 2;
        return Ok(schema);
    }
    if options.kind == TargetKind::Tags {
        schema.scheme = scheme(task, options, train);
    }
    let labels = match &options.labels {
        LabelSource::Given(labels) => labels.clone(),
        LabelSource::Inferred => in_order(occurring(task, schema.scheme, train)?, &schema),
    };
    if labels.is_empty() && options.labels == LabelSource::Inferred {
        return Err(DataError::NoLabels { task: task.clone() });
    }
    let labels = LabelSet::new(labels).map_err(|source| DataError::LabelSet {
        task: task.clone(),
        source,
    })?;
    if let UnknownLabel::MapTo(label) = &options.unknown_label
        && labels.index(label).is_none()
    {
        return Err(DataError::MapTo {
            task: task.clone(),
            label: label.clone(),
            known: labels.names().to_vec(),
        });
    }
    schema.width = labels.len();
    schema.labels = Some(labels);
    Ok(schema)
}

/// The targets of a task with the split and the example they belong to.
fn targets<'a>(
    task: &TaskName,
    train: &[&'a SplitData],
) -> impl Iterator<Item = (&'a SplitData, usize, &'a RawTarget)> {
    train.iter().flat_map(move |&split| {
        split
            .examples
            .iter()
            .enumerate()
            .filter_map(move |(number, example)| Some((split, number, example.targets.get(task)?)))
    })
}

/// Given labels are in the notation that the files are converted to, so tags are converted only if
/// the labels could be IOB2.
fn scheme(task: &TaskName, options: &LabelOptions, train: &[&SplitData]) -> TagScheme {
    if options.scheme != TagScheme::Auto {
        return options.scheme;
    }
    if let LabelSource::Given(labels) = &options.labels
        && !labels.iter().all(|label| could_be_iob2(label))
    {
        return TagScheme::Plain;
    }
    detect(
        targets(task, train).filter_map(|(_, _, target)| match target {
            RawTarget::Tags(tags) => Some(tags.as_slice()),
            _ => None,
        }),
    )
}

fn could_be_iob2(label: &str) -> bool {
    label == "O" || matches!(parse_tag(label), Some(('B' | 'I', kind)) if !kind.is_empty())
}

fn occurring(
    task: &TaskName,
    scheme: TagScheme,
    train: &[&SplitData],
) -> Result<BTreeSet<String>, DataError> {
    let mut labels = BTreeSet::new();
    for (split, example, target) in targets(task, train) {
        match target {
            RawTarget::Label(label) => {
                labels.insert(label.clone());
            }
            RawTarget::Labels(some) => labels.extend(some.iter().cloned()),
            RawTarget::Tags(tags) => {
                let tags = to_iob2(tags, scheme)
                    .map_err(|word| tag_notation(split, example, task, tags, word, scheme))?;
                labels.extend(tags.into_iter().filter(|tag| tag != NO_TAG));
            }
            _ => {}
        }
    }
    if !matches!(scheme, TagScheme::Auto | TagScheme::Plain) {
        let kinds: BTreeSet<String> = labels
            .iter()
            .filter(|tag| *tag != "O")
            .filter_map(|tag| parse_tag(tag).map(|(_, kind)| kind.to_owned()))
            .collect();
        labels.insert("O".to_owned());
        for kind in kinds {
            labels.insert(iob2_tag('B', &kind));
            labels.insert(iob2_tag('I', &kind));
        }
    }
    Ok(labels)
}

fn in_order(labels: BTreeSet<String>, schema: &TaskSchema) -> Vec<String> {
    let numbers: Option<Vec<i64>> = labels.iter().map(|label| label.parse().ok()).collect();
    let mut labels: Vec<String> = labels.into_iter().collect();
    if numbers.is_some() {
        labels.sort_by_key(|label| label.parse::<i64>().unwrap_or_default());
    }
    if schema.kind == TargetKind::Tags {
        labels.sort_by_key(|tag| tag != "O");
    }
    labels
}

/// The error about a tag at a position of an example.
pub(super) fn tag_notation(
    split: &SplitData,
    example: usize,
    task: &TaskName,
    tags: &[String],
    word: usize,
    scheme: TagScheme,
) -> DataError {
    let (scheme, prefixes) = scheme.description();
    DataError::TagNotation {
        place: split.target_place(example, task),
        task: task.clone(),
        word: word + 1,
        tag: tags[word].as_str().into(),
        scheme,
        prefixes,
    }
}
