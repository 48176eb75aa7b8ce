//! Encoded texts with their targets, checked against each other once.

use std::collections::BTreeMap;

use mtnet_core::{PackedBatch, Target, TaskName};
use mtnet_text::{EncodedText, PackItem, Window, pack};

use crate::DataError;
use crate::error::counted;

/// The examples of a pool in the form that batches are packed from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corpus {
    texts: Vec<EncodedText>,
    targets: Vec<BTreeMap<TaskName, Target>>,
    widths: BTreeMap<TaskName, usize>,
}

/// A window of an example, as a batch is laid out from.
pub(super) type WindowIndex = (usize, usize);

impl Corpus {
    /// Puts the texts and targets of the same examples together. `widths` are the columns of
    /// multi-label and number tasks.
    ///
    /// # Errors
    /// If an example has no target map or no text, if tags do not match its words, or if a task's
    /// targets differ in kind or width.
    pub fn new(
        texts: Vec<EncodedText>,
        targets: Vec<BTreeMap<TaskName, Target>>,
        widths: BTreeMap<TaskName, usize>,
    ) -> Result<Self, DataError> {
        if texts.len() != targets.len() {
            return Err(DataError::Corpus {
                example: texts.len().min(targets.len()),
                problem: format!(
                    "{} encoded texts but {} target maps",
                    texts.len(),
                    targets.len()
                ),
            });
        }
        let mut kinds: BTreeMap<&TaskName, &'static str> = BTreeMap::new();
        for (example, (text, targets)) in texts.iter().zip(&targets).enumerate() {
            let refuse = |problem| DataError::Corpus { example, problem };
            let words = words(text).map_err(refuse)?;
            for (task, target) in targets {
                let kind = kind(target);
                let first = *kinds.entry(task).or_insert(kind);
                if first != kind {
                    return Err(refuse(format!(
                        "task `{task}` has {kind} here and {first} before"
                    )));
                }
                fits(
                    target,
                    widths.get(task).copied(),
                    words,
                    text.dropped_tokens > 0,
                )
                .map_err(|problem| refuse(format!("task `{task}`: {problem}")))?;
            }
        }
        Ok(Self {
            texts,
            targets,
            widths,
        })
    }

    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The encoded texts of all examples.
    pub fn texts(&self) -> &[EncodedText] {
        &self.texts
    }

    /// The targets of all examples.
    pub fn targets(&self) -> &[BTreeMap<TaskName, Target>] {
        &self.targets
    }

    /// Columns of the multi-label and number tasks.
    pub fn widths(&self) -> &BTreeMap<TaskName, usize> {
        &self.widths
    }

    pub(super) fn window(&self, (example, window): WindowIndex) -> &Window {
        &self.texts[example].windows[window]
    }

    /// The batch of these windows; the sources of its sequences are example numbers of the corpus.
    pub(super) fn pack(&self, windows: &[WindowIndex]) -> PackedBatch {
        let items: Vec<PackItem<'_>> = windows
            .iter()
            .map(|&at| PackItem {
                example: at.0,
                window: self.window(at),
                first: at.1 == 0,
                targets: self.targets[at.0].iter().collect(),
            })
            .collect();
        pack(&items, &self.widths)
    }
}

/// Words of all windows, which must follow each other.
fn words(text: &EncodedText) -> Result<usize, String> {
    if text.windows.is_empty() {
        return Err("the encoded text has no window".to_owned());
    }
    text.windows.iter().try_fold(0, |words, window| {
        if window.first_word == words {
            Ok(words + window.word_tokens.len())
        } else {
            Err(format!(
                "a window begins at word {}, expected word {words}",
                window.first_word
            ))
        }
    })
}

fn kind(target: &Target) -> &'static str {
    match target {
        Target::Class(_) => "a class",
        Target::MultiLabel(_) => "several labels",
        Target::Numbers(_) => "numbers",
        Target::Tags(_) => "tags",
        Target::Spans { .. } => "answers",
        _ => "another kind of target",
    }
}

fn fits(target: &Target, width: Option<usize>, words: usize, cut: bool) -> Result<(), String> {
    let (found, expected) = match target {
        Target::MultiLabel(labels) => {
            let columns = width.ok_or("its width is not known")?;
            match labels.iter().find(|&&label| label as usize >= columns) {
                Some(label) => return Err(format!("label {label} of {columns}")),
                None => return Ok(()),
            }
        }
        Target::Numbers(numbers) => (numbers.len(), width.ok_or("its width is not known")?),
        Target::Tags(tags) if cut => (tags.len(), words.max(tags.len())),
        Target::Tags(tags) => (tags.len(), words),
        _ => return Ok(()),
    };
    if found == expected {
        Ok(())
    } else {
        Err(format!("{}, expected {expected}", counted(found, "value")))
    }
}
