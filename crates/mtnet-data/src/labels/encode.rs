//! Raw targets made into columns of a head.

use std::collections::BTreeMap;

use mtnet_core::{IGNORED_TAG, LabelSet, RawTarget, Segment, Target, TaskName};

use super::infer::tag_notation;
use super::scheme::to_iob2;
use super::{TaskSchema, TaskSchemas, UnknownLabel};
use crate::error::counted;
use crate::reading::NO_TAG;
use crate::{DataError, SplitData, TargetKind};

/// The targets of each example of a split, in columns. Tasks that have no schema are left out.
///
/// # Errors
/// If a label is not in its task's label set and the task does not say what becomes of it, if a tag
/// is not of its task's notation, or if a target has another kind or width than its task.
pub fn encode_targets(
    split: &SplitData,
    schemas: &TaskSchemas,
) -> Result<Vec<BTreeMap<TaskName, Target>>, DataError> {
    (0..split.examples.len())
        .map(|example| {
            let mut targets = BTreeMap::new();
            for (task, raw) in &split.examples[example].targets {
                let Some(schema) = schemas.get(task) else {
                    continue;
                };
                let encoder = Encoder {
                    split,
                    example,
                    task,
                    schema,
                };
                if let Some(target) = encoder.encode(raw)? {
                    targets.insert(task.clone(), target);
                }
            }
            Ok(targets)
        })
        .collect()
}

struct Encoder<'a> {
    split: &'a SplitData,
    example: usize,
    task: &'a TaskName,
    schema: &'a TaskSchema,
}

impl Encoder<'_> {
    fn encode(&self, raw: &RawTarget) -> Result<Option<Target>, DataError> {
        match (raw, self.schema.kind, &self.schema.labels) {
            (RawTarget::Label(label), TargetKind::Label, Some(labels)) => {
                Ok(self.column(label, labels)?.map(Target::Class))
            }
            (RawTarget::Labels(some), TargetKind::Labels, Some(labels)) => {
                let columns: Vec<Option<u32>> = some
                    .iter()
                    .map(|label| self.column(label, labels))
                    .collect::<Result<_, _>>()?;
                let mut columns: Vec<u32> = columns.into_iter().flatten().collect();
                columns.sort_unstable();
                columns.dedup();
                Ok(Some(Target::MultiLabel(columns)))
            }
            (RawTarget::Tags(tags), TargetKind::Tags, Some(labels)) => self.tags(tags, labels),
            (RawTarget::Numbers(numbers), TargetKind::Numbers, _)
                if numbers.len() == self.schema.width =>
            {
                Ok(Some(Target::Numbers(
                    numbers.iter().map(|&number| number as f32).collect(),
                )))
            }
            (RawTarget::Spans(answers), TargetKind::Spans, _) => {
                let text = &self.split.examples[self.example].text;
                let context = text.second().map(Segment::text).unwrap_or_default();
                Ok(Some(Target::Spans {
                    context: context.into(),
                    answers: answers.clone(),
                }))
            }
            _ => Err(DataError::TargetShape {
                place: self.split.target_place(self.example, self.task),
                task: self.task.clone(),
                found: describe(raw),
                expected: self.expected(),
            }),
        }
    }

    fn tags(&self, tags: &[String], labels: &LabelSet) -> Result<Option<Target>, DataError> {
        let scheme = self.schema.scheme;
        let columns: Vec<u32> = to_iob2(tags, scheme)
            .map_err(|word| tag_notation(self.split, self.example, self.task, tags, word, scheme))?
            .iter()
            .map(|tag| match tag.as_str() {
                NO_TAG => Ok(IGNORED_TAG),
                tag => Ok(self.column(tag, labels)?.unwrap_or(IGNORED_TAG)),
            })
            .collect::<Result<_, DataError>>()?;
        let some = columns.is_empty() || columns.iter().any(|&column| column != IGNORED_TAG);
        Ok(some.then_some(Target::Tags(columns)))
    }

    fn column(&self, label: &str, labels: &LabelSet) -> Result<Option<u32>, DataError> {
        if let Some(column) = labels.index(label) {
            return Ok(Some(column));
        }
        match &self.schema.unknown_label {
            UnknownLabel::Ignore => Ok(None),
            UnknownLabel::MapTo(other) if labels.index(other).is_some() => Ok(labels.index(other)),
            UnknownLabel::MapTo(_) | UnknownLabel::Error => Err(DataError::UnknownLabel {
                place: self.split.target_place(self.example, self.task),
                task: self.task.clone(),
                label: label.to_owned(),
                known: labels.names().to_vec(),
            }),
        }
    }

    fn expected(&self) -> String {
        let target = match self.schema.kind {
            TargetKind::Label => "one label".to_owned(),
            TargetKind::Labels => "a list of labels".to_owned(),
            TargetKind::Numbers => counted(self.schema.width, "number"),
            TargetKind::Tags => "one tag a word".to_owned(),
            TargetKind::Spans => "answers".to_owned(),
        };
        format!("{target}, as in the task's other data")
    }
}

fn describe(target: &RawTarget) -> String {
    match target {
        RawTarget::Label(label) => format!("the label `{label}`"),
        RawTarget::Labels(labels) => format!("a list of {}", counted(labels.len(), "label")),
        RawTarget::Numbers(numbers) => counted(numbers.len(), "number"),
        RawTarget::Tags(tags) => counted(tags.len(), "tag"),
        RawTarget::Spans(answers) => counted(answers.len(), "answer"),
        _ => "another kind of target".to_owned(),
    }
}
