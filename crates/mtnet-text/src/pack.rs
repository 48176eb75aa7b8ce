//! Windows laid end to end, with the targets that they carry.

use std::collections::BTreeMap;
use std::ops::Range;

use mtnet_core::{
    Offsets, PackedBatch, PackedPassages, PackedTargets, SequenceSource, Target, TargetValues,
    TaskName,
};

use crate::Window;

/// A window that goes into a batch.
#[derive(Clone, Debug)]
pub struct PackItem<'a> {
    /// Index of its example, for the caller.
    pub example: usize,
    /// The window.
    pub window: &'a Window,
    /// Whether it is the first window of its example. Only that one carries targets for the
    /// whole text; tags are cut to each window's words, and answers to what each window holds.
    pub first: bool,
    /// Targets of the example.
    pub targets: Vec<(&'a TaskName, &'a Target)>,
}

/// Lays windows end to end, in the order given.
///
/// `widths` says how many columns a multi-label or regression task has; 1 where it says nothing.
///
/// # Panics
/// If targets do not fit: of two kinds for one task, numbers other than the task's width, a label
/// past it, or fewer tags than words.
pub fn pack(items: &[PackItem<'_>], widths: &BTreeMap<TaskName, usize>) -> PackedBatch {
    let mut batch = PackedBatch::default();
    for (sequence, item) in items.iter().enumerate() {
        let window = item.window;
        let start = batch.input_ids.len() as u32;
        batch.input_ids.extend(&window.input_ids);
        batch.position_ids.extend(0..window.input_ids.len() as u32);
        batch.type_ids.extend(&window.type_ids);
        batch.offsets.push(window.input_ids.len());
        batch
            .words
            .rows
            .extend(window.word_tokens.iter().map(|token| start + token));
        batch.words.offsets.push(window.word_tokens.len());
        add_passage(&mut batch.passages, window, start);
        batch.sources.push(SequenceSource {
            example: item.example,
            first_word: window.first_word,
        });
        for &(task, target) in &item.targets {
            add_target(
                &mut batch.targets,
                task,
                target,
                sequence as u32,
                item,
                widths,
            );
        }
    }
    batch
}

fn add_target(
    targets: &mut BTreeMap<TaskName, PackedTargets>,
    task: &TaskName,
    target: &Target,
    sequence: u32,
    item: &PackItem<'_>,
    widths: &BTreeMap<TaskName, usize>,
) {
    if !item.first && !matches!(target, Target::Tags(_) | Target::Spans { .. }) {
        return;
    }
    let width = widths.get(task).copied().unwrap_or(1);
    let packed = targets
        .entry(task.clone())
        .or_insert_with(|| PackedTargets {
            sequences: Vec::new(),
            values: empty_like(target, width),
        });
    match (&mut packed.values, target) {
        (TargetValues::Classes(classes), Target::Class(class)) => classes.push(*class),
        (TargetValues::MultiLabel { width, values }, Target::MultiLabel(labels)) => {
            let row = values.len();
            values.resize(row + *width, 0.0);
            for &label in labels {
                // Unchecked, it would be written into no row, or into another's.
                assert!(
                    (label as usize) < *width,
                    "task {task}: label {label} of {width}"
                );
                values[row + label as usize] = 1.0;
            }
        }
        (TargetValues::Numbers { width, values }, Target::Numbers(numbers)) => {
            assert_eq!(numbers.len(), *width, "task {task}: numbers of a sequence");
            values.extend(numbers);
        }
        (TargetValues::Tags(all), Target::Tags(tags)) => {
            let first = item.window.first_word;
            let words = first..first + item.window.word_tokens.len();
            let of_window = tags.get(words.clone());
            all.extend(
                of_window.unwrap_or_else(|| {
                    panic!("task {task}: {} tags for words {words:?}", tags.len())
                }),
            );
        }
        (TargetValues::Spans { passages, bounds }, Target::Spans { answers, .. }) => {
            let tokens = passage(item.window);
            passages.push(1 + tokens.len());
            let bound = answers
                .first()
                .and_then(|answer| bound(&tokens, answer, item.first));
            bounds.push(bound.unwrap_or([0, 0]));
        }
        // One task's targets are of one kind: the reader made them all from the same field.
        (_, other) => unreachable!("task {task} mixes kinds of targets: {other:?}"),
    }
    packed.sequences.push(sequence);
}

fn empty_like(target: &Target, width: usize) -> TargetValues {
    match target {
        Target::Class(_) => TargetValues::Classes(Vec::new()),
        Target::MultiLabel(_) => TargetValues::MultiLabel {
            width,
            values: Vec::new(),
        },
        Target::Numbers(_) => TargetValues::Numbers {
            width,
            values: Vec::new(),
        },
        Target::Spans { .. } => TargetValues::Spans {
            passages: Offsets::default(),
            bounds: Vec::new(),
        },
        _ => TargetValues::Tags(Vec::new()),
    }
}

/// Tokens of a window that stand for characters of its second text: index in the window, bytes.
fn passage(window: &Window) -> Vec<(u32, [u32; 2])> {
    let spans = (0..).zip(&window.spans);
    spans
        .filter_map(|(token, span)| span.map(|span| (token, span)))
        .filter(|(_, span)| span.segment == 1 && span.start < span.end)
        .map(|(token, span)| (token, [span.start, span.end]))
        .collect()
}

fn add_passage(passages: &mut PackedPassages, window: &Window, start: u32) {
    let tokens = passage(window);
    passages.offsets.push(1 + tokens.len());
    passages.rows.push(start);
    passages.bytes.push([0, 0]);
    for (token, bytes) in tokens {
        passages.rows.push(start + token);
        passages.bytes.push(bytes);
    }
}

/// First and last row of an answer in a window's passage, counted from 1 behind the row that stands
/// for none; `None` where the window does not hold all of it.
fn bound(
    tokens: &[(u32, [u32; 2])],
    answer: &Range<usize>,
    first_window: bool,
) -> Option<[u32; 2]> {
    let (start, end) = (answer.start as u32, answer.end as u32);
    let from = tokens.iter().position(|&(_, bytes)| bytes[1] > start)?;
    let to = tokens.iter().rposition(|&(_, bytes)| bytes[0] < end)?;
    let begins_before = from == 0 && tokens[0].1[0] > start && !first_window;
    let ends_behind = to + 1 == tokens.len() && tokens[to].1[1] < end;
    (from <= to && !begins_before && !ends_behind).then_some([1 + from as u32, 1 + to as u32])
}

/// Consecutive ranges of sequences with these lengths whose tokens stay within `budget`; a
/// sequence that is longer goes alone.
pub fn batches_by_tokens(lengths: &[usize], budget: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut tokens) = (0, 0);
    for (at, &length) in lengths.iter().enumerate() {
        if at > start && tokens + length > budget {
            ranges.push(start..at);
            (start, tokens) = (at, 0);
        }
        tokens += length;
    }
    if start < lengths.len() {
        ranges.push(start..lengths.len());
    }
    ranges
}
