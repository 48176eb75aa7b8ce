//! Parts of a packed batch: some of its sequences as a batch of their own.

use std::collections::BTreeMap;

use crate::{Offsets, PackedBatch, PackedTargets, PackedWords, TargetValues, TaskName};

/// Sequences that have nothing to do with the rest of a batch, task by task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchPart {
    /// Tasks labelled on them, in the order of names.
    pub tasks: Vec<TaskName>,
    /// The sequences, rising.
    pub sequences: Vec<u32>,
}

impl PackedBatch {
    /// The parts that no task connects: two tasks are in one part where some sequence has a target
    /// for both, or where a third task connects them. Sequences without any target are in none.
    /// In the order of their first task's name.
    pub fn parts(&self) -> Vec<BatchPart> {
        let tasks: Vec<&TaskName> = self.targets.keys().collect();
        // Part of each task, and of each sequence the first task seen there.
        let mut part: Vec<usize> = (0..tasks.len()).collect();
        let mut first: BTreeMap<u32, usize> = BTreeMap::new();
        for (task, targets) in self.targets.values().enumerate() {
            for &sequence in &targets.sequences {
                let other = *first.entry(sequence).or_insert(task);
                let (into, from) = (part[other].min(part[task]), part[other].max(part[task]));
                part.iter_mut()
                    .filter(|p| **p == from)
                    .for_each(|p| *p = into);
            }
        }
        let mut parts: BTreeMap<usize, BatchPart> = BTreeMap::new();
        for (task, name) in tasks.iter().enumerate() {
            let empty = BatchPart {
                tasks: Vec::new(),
                sequences: Vec::new(),
            };
            let part = parts.entry(part[task]).or_insert(empty);
            part.tasks.push((*name).clone());
        }
        for (sequence, task) in first {
            if let Some(part) = parts.get_mut(&part[task]) {
                part.sequences.push(sequence);
            }
        }
        parts
            .into_values()
            .filter(|part| !part.sequences.is_empty())
            .collect()
    }

    /// The batch of some of its sequences, in the order given, with their targets for all tasks.
    ///
    /// # Panics
    /// If a sequence is not there.
    #[must_use]
    pub fn select(&self, sequences: &[u32]) -> Self {
        let mut part = Self::default();
        let mut place = BTreeMap::new();
        for (index, &sequence) in sequences.iter().enumerate() {
            let at = sequence as usize;
            let rows = self.offsets.range(at);
            let moved_by = part.input_ids.len();
            part.input_ids
                .extend_from_slice(&self.input_ids[rows.clone()]);
            part.position_ids
                .extend_from_slice(&self.position_ids[rows.clone()]);
            part.type_ids
                .extend_from_slice(&self.type_ids[rows.clone()]);
            part.offsets.push(rows.len());
            part.sources.push(self.sources[at]);
            let words = self.words.offsets.range(at);
            part.words.offsets.push(words.len());
            let words = self.words.rows[words].iter();
            part.words
                .rows
                .extend(words.map(|&row| row - rows.start as u32 + moved_by as u32));
            let passage = self.passages.range(at);
            let moved = self.passages.rows[passage.clone()].iter();
            part.passages.offsets.push(passage.len());
            part.passages
                .rows
                .extend(moved.map(|&row| row - rows.start as u32 + moved_by as u32));
            part.passages
                .bytes
                .extend_from_slice(&self.passages.bytes[passage]);
            place.insert(sequence, index as u32);
        }
        for (task, targets) in &self.targets {
            let kept = targets.select(&place, &self.words);
            if !kept.sequences.is_empty() {
                part.targets.insert(task.clone(), kept);
            }
        }
        part
    }
}

impl PackedTargets {
    /// Targets of the sequences that `place` gives a new number to, in the order of those.
    fn select(&self, place: &BTreeMap<u32, u32>, words: &PackedWords) -> Self {
        let lengths = self.sequences.iter().map(|&sequence| match &self.values {
            TargetValues::Classes(_) | TargetValues::Spans { .. } => 1,
            TargetValues::MultiLabel { width, .. } | TargetValues::Numbers { width, .. } => *width,
            TargetValues::Tags(_) => words.offsets.range(sequence as usize).len(),
        });
        let values = Offsets::from_lengths(lengths);
        let mut kept: Vec<(u32, usize)> = self
            .sequences
            .iter()
            .enumerate()
            .filter_map(|(index, sequence)| Some((*place.get(sequence)?, index)))
            .collect();
        kept.sort_unstable();
        let ranges = || kept.iter().map(|&(_, index)| values.range(index));
        Self {
            sequences: kept.iter().map(|&(sequence, _)| sequence).collect(),
            values: match &self.values {
                TargetValues::Classes(all) => TargetValues::Classes(pick(all, ranges())),
                TargetValues::Tags(all) => TargetValues::Tags(pick(all, ranges())),
                TargetValues::MultiLabel { width, values } => TargetValues::MultiLabel {
                    width: *width,
                    values: pick(values, ranges()),
                },
                TargetValues::Numbers { width, values } => TargetValues::Numbers {
                    width: *width,
                    values: pick(values, ranges()),
                },
                TargetValues::Spans { passages, bounds } => TargetValues::Spans {
                    passages: Offsets::from_lengths(
                        kept.iter().map(|&(_, index)| passages.range(index).len()),
                    ),
                    bounds: pick(bounds, ranges()),
                },
            },
        }
    }
}

fn pick<T: Copy>(values: &[T], ranges: impl Iterator<Item = std::ops::Range<usize>>) -> Vec<T> {
    ranges
        .flat_map(|range| values[range].iter().copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PackedPassages, SequenceSource};

    fn name(text: &str) -> TaskName {
        TaskName::new(text).expect("a name")
    }

    /// Five sequences: intent and slots on 0 and 2, topic on 1 and 4, nothing on 3.
    fn batch() -> PackedBatch {
        let classes = |sequences: &[u32], values: &[u32]| PackedTargets {
            sequences: sequences.to_vec(),
            values: TargetValues::Classes(values.to_vec()),
        };
        PackedBatch {
            input_ids: vec![10, 11, 20, 30, 31, 32, 40, 50, 51],
            position_ids: vec![0, 1, 0, 0, 1, 2, 0, 0, 1],
            type_ids: vec![0; 9],
            offsets: Offsets::from_lengths([2, 1, 3, 1, 2]),
            words: PackedWords {
                rows: vec![1, 4, 5, 8],
                offsets: Offsets::from_lengths([1, 0, 2, 0, 1]),
            },
            passages: PackedPassages {
                rows: vec![0, 1, 3, 4, 5],
                bytes: vec![[0, 0], [0, 4], [0, 0], [0, 2], [2, 5]],
                offsets: Offsets::from_lengths([2, 0, 3, 0, 0]),
            },
            targets: BTreeMap::from([
                (name("intent"), classes(&[0, 2], &[7, 8])),
                (
                    name("slots"),
                    PackedTargets {
                        sequences: vec![0, 2],
                        values: TargetValues::Tags(vec![1, 2, 3]),
                    },
                ),
                (name("topic"), classes(&[1, 4], &[5, 6])),
                (
                    name("where"),
                    PackedTargets {
                        sequences: vec![0, 2],
                        values: TargetValues::Spans {
                            passages: Offsets::from_lengths([2, 3]),
                            bounds: vec![[1, 1], [1, 2]],
                        },
                    },
                ),
            ]),
            sources: (0..5)
                .map(|example| SequenceSource {
                    example,
                    first_word: 0,
                })
                .collect(),
        }
    }

    #[test]
    fn tasks_on_the_same_sequences_are_one_part() {
        let parts = batch().parts();
        assert_eq!(parts.len(), 2);
        let first = [name("intent"), name("slots"), name("where")];
        assert_eq!(parts[0].tasks, first);
        assert_eq!(parts[0].sequences, [0, 2]);
        assert_eq!(parts[1].tasks, [name("topic")]);
        assert_eq!(parts[1].sequences, [1, 4]);
    }

    #[test]
    fn a_third_task_connects_two() {
        let mut batch = batch();
        let both = PackedTargets {
            sequences: vec![2, 4],
            values: TargetValues::Classes(vec![0, 0]),
        };
        batch.targets.insert(name("a-bridge"), both);
        let parts = batch.parts();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].sequences, [0, 1, 2, 4]);
    }

    #[test]
    fn a_part_carries_tokens_words_and_targets_along() {
        let part = batch().select(&[2, 1]);
        assert_eq!(part.input_ids, [30, 31, 32, 20]);
        assert_eq!(part.position_ids, [0, 1, 2, 0]);
        assert_eq!(part.words.rows, [1, 2]);
        assert_eq!(part.words.offsets, Offsets::from_lengths([2, 0]));
        assert_eq!(part.sources[0].example, 2);
        assert_eq!(part.passages.rows, [0, 1, 2]);
        assert_eq!(part.passages.bytes, [[0, 0], [0, 2], [2, 5]]);
        assert_eq!(part.passages.offsets, Offsets::from_lengths([3, 0]));
        let answers = &part.targets[&name("where")];
        assert_eq!(
            answers.values,
            TargetValues::Spans {
                passages: Offsets::from_lengths([3]),
                bounds: vec![[1, 2]],
            }
        );
        let slots = &part.targets[&name("slots")];
        assert_eq!(slots.sequences, [0]);
        assert_eq!(slots.values, TargetValues::Tags(vec![2, 3]));
        let topic = &part.targets[&name("topic")];
        assert_eq!(
            (topic.sequences.as_slice(), &topic.values),
            (&[1u32][..], &TargetValues::Classes(vec![5]))
        );
        let all: Vec<u32> = (0..5).collect();
        assert_eq!(batch().select(&all), batch());
    }
}
