//! What teachers score for the training examples, and the part of it that a batch reads.

use std::ops::Range;

use mtnet_core::{IGNORED_TAG, PackedBatch, PackedTargets, SequenceSource, TargetValues};
use mtnet_heads::Reads;

/// The teachers' scores, one entry a task of the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::trainer) struct SoftLabels {
    pub tasks: Vec<Option<TaskScores>>,
    /// Examples before their noisy copies, which a teacher is not asked about: the answer for the
    /// clean text stands for them.
    pub examples: usize,
}

/// Scores of one teacher in the column order of the student.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::trainer) struct TaskScores {
    /// How many columns.
    pub columns: usize,
    /// First row of each example, and behind the last one the number of rows.
    pub starts: Vec<u32>,
    /// `(rows, columns)`, row-major.
    pub values: Vec<f32>,
}

impl SoftLabels {
    /// The teacher's scores of the rows of a task in a batch, as the head scores them: NaN where
    /// the example has no label.
    pub fn of_batch(
        &self,
        task: usize,
        reads: Reads,
        batch: &PackedBatch,
        targets: &PackedTargets,
    ) -> Option<Vec<f32>> {
        let scores = self.tasks.get(task)?.as_ref()?;
        let mut found = Vec::new();
        for &sequence in &targets.sequences {
            let source = batch.sources[sequence as usize];
            let words = batch.words.offsets.range(sequence as usize).len();
            let rows = scores.rows(source.example % self.examples.max(1), reads, source, words);
            let columns = scores.columns;
            found.extend_from_slice(&scores.values[rows.start * columns..rows.end * columns]);
        }
        leave_out(&mut found, scores.columns, &targets.values);
        Some(found)
    }
}

impl TaskScores {
    /// Rows that an example has.
    pub fn count(&self, example: usize) -> usize {
        (self.starts[example + 1] - self.starts[example]) as usize
    }

    fn rows(
        &self,
        example: usize,
        reads: Reads,
        source: SequenceSource,
        words: usize,
    ) -> Range<usize> {
        let first = self.starts[example] as usize;
        match reads {
            Reads::Sequences => first..first + 1,
            // Refused by the check of the run file.
            Reads::Passages => first..first,
            Reads::Words => first + source.first_word..first + source.first_word + words,
        }
    }
}

/// Puts NaN where a label is missing.
fn leave_out(scores: &mut [f32], columns: usize, targets: &TargetValues) {
    match targets {
        TargetValues::Tags(tags) => {
            for (row, &tag) in scores.chunks_exact_mut(columns).zip(tags) {
                if tag == IGNORED_TAG {
                    row.fill(f32::NAN);
                }
            }
        }
        TargetValues::Numbers { values, .. } => {
            for (score, value) in scores.iter_mut().zip(values) {
                if value.is_nan() {
                    *score = f32::NAN;
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtnet_core::Offsets;

    fn batch() -> PackedBatch {
        let source = |example, first_word| SequenceSource {
            example,
            first_word,
        };
        let mut batch = PackedBatch {
            sources: vec![source(1, 0), source(3, 1), source(0, 0)],
            ..PackedBatch::default()
        };
        batch.words.offsets = Offsets::from_lengths([2, 1, 1]);
        batch
    }

    #[test]
    fn words_are_found_by_window_and_copies_by_their_example() {
        // Two examples of 1 and 2 words, and a noisy copy of each (2 and 3).
        let scores = TaskScores {
            columns: 2,
            starts: vec![0, 1, 3],
            values: vec![0.0, 0.5, 1.0, 1.5, 2.0, 2.5],
        };
        let soft = SoftLabels {
            tasks: vec![None, Some(scores)],
            examples: 2,
        };
        let targets = PackedTargets {
            sequences: vec![0, 1, 2],
            values: TargetValues::Tags(vec![0, 1, IGNORED_TAG, 1]),
        };
        let found = soft.of_batch(1, Reads::Words, &batch(), &targets).unwrap();
        assert_eq!(found[..4], [1.0, 1.5, 2.0, 2.5]);
        assert!(found[4].is_nan() && found[5].is_nan());
        assert_eq!(found[6..], [0.0, 0.5]);
        assert_eq!(soft.of_batch(0, Reads::Words, &batch(), &targets), None);
    }

    #[test]
    fn a_text_has_one_row_and_a_missing_number_no_place() {
        let scores = TaskScores {
            columns: 2,
            starts: vec![0, 1, 2],
            values: vec![0.0, 0.5, 1.0, 1.5],
        };
        let soft = SoftLabels {
            tasks: vec![Some(scores)],
            examples: 2,
        };
        let targets = PackedTargets {
            sequences: vec![0, 2],
            values: TargetValues::Numbers {
                width: 2,
                values: vec![7.0, f32::NAN, 7.0, 7.0],
            },
        };
        let found = soft.of_batch(0, Reads::Sequences, &batch(), &targets);
        let found = found.unwrap();
        assert!(found[1].is_nan());
        assert_eq!([found[0], found[2], found[3]], [1.0, 0.0, 0.5]);
    }
}
