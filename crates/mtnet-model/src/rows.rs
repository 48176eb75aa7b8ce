//! Which rows of an encoder heads read: of the others its last layer need not be computed.

use mtnet_core::PackedBatch;
use mtnet_heads::Reads;
use mtnet_kernels::Pooling;

use crate::Task;

/// Rows that tasks read of some sequences of a batch; `None` for all.
pub(crate) fn rows_read<'a>(
    batch: &PackedBatch,
    pooling: Pooling,
    reads: impl Iterator<Item = (&'a Task, &'a [u32])>,
) -> Option<Vec<u32>> {
    let mut rows = Vec::new();
    for (task, sequences) in reads {
        match (task.head.reads(), pooling) {
            (Reads::Words, _) => rows.extend(words(batch, sequences)),
            (Reads::Passages, _) => rows.extend(passages(batch, sequences)),
            (Reads::Sequences, Pooling::First) => rows.extend(firsts(batch, sequences)),
            (Reads::Sequences, _) => return None,
        }
    }
    Some(rows)
}

/// Rows of the words of some sequences, each that of its first token.
pub(crate) fn words(batch: &PackedBatch, sequences: &[u32]) -> impl Iterator<Item = u32> {
    let words = &batch.words;
    sequences
        .iter()
        .flat_map(|&sequence| words.rows[words.offsets.range(sequence as usize)].iter())
        .copied()
}

/// Rows of the passages of some sequences.
pub(crate) fn passages(batch: &PackedBatch, sequences: &[u32]) -> impl Iterator<Item = u32> {
    let passages = &batch.passages;
    sequences
        .iter()
        .flat_map(|&sequence| passages.rows[passages.range(sequence as usize)].iter())
        .copied()
}

/// The first row of each of some sequences, none of which is empty.
pub(crate) fn firsts(batch: &PackedBatch, sequences: &[u32]) -> impl Iterator<Item = u32> {
    sequences
        .iter()
        .map(|&sequence| batch.offsets.range(sequence as usize).start as u32)
}
