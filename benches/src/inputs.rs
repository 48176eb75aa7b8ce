//! The fixed workload that the peers in `benches/peers/` run as well; its README defines it.

use anyhow::{Result, ensure};
use mtnet_core::{Offsets, PackedBatch, SequenceSource};
use serde::Deserialize;

const LENGTHS: &str = include_str!("../peers/lengths.json");
const FIRST_WORD: u32 = 1000;
const BEGIN: u32 = 101;
const END: u32 = 102;

#[derive(Deserialize)]
struct LengthsFile {
    batches: Vec<Vec<usize>>,
}

/// 64 batches of 32 sequences of log-normal lengths, with ids below `vocabulary` that follow
/// Zipf's law.
pub fn batches(vocabulary: u32) -> Result<Vec<PackedBatch>> {
    ensure!(
        vocabulary > 2 * FIRST_WORD,
        "a vocabulary of {vocabulary}, expected more than {}",
        2 * FIRST_WORD
    );
    let file: LengthsFile = serde_json::from_str(LENGTHS)?;
    let mut ids = Ids::new(vocabulary);
    let mut sequence = 0;
    Ok(file
        .batches
        .iter()
        .map(|lengths| {
            let batch = batch(&mut ids, lengths, sequence);
            sequence += lengths.len();
            batch
        })
        .collect())
}

/// Sequences of these lengths, numbered from `first` on.
fn batch(ids: &mut Ids, lengths: &[usize], first: usize) -> PackedBatch {
    let mut batch = PackedBatch::default();
    for (example, &length) in (first..).zip(lengths) {
        batch.offsets.push(length);
        batch.input_ids.push(BEGIN);
        batch.input_ids.extend((2..length).map(|_| ids.next()));
        batch.input_ids.push(END);
        batch.position_ids.extend(0..length as u32);
        batch.sources.push(SequenceSource {
            example,
            first_word: 0,
        });
    }
    batch.type_ids = vec![0; batch.input_ids.len()];
    batch.words.offsets = Offsets::from_lengths(lengths.iter().map(|_| 0));
    batch
}

/// One batch of so many sequences, all of the same length.
pub fn of_length(length: usize, sequences: usize) -> PackedBatch {
    batch(&mut Ids::new(30_522), &vec![length; sequences], 0)
}

/// Class of a sequence, of four, for one of up to four tasks.
pub fn class(sequence: usize, task: usize) -> u32 {
    (sequence >> (2 * task)) as u32 & 3
}

struct Ids {
    state: u64,
    cumulated: Vec<u64>,
}

impl Ids {
    fn new(vocabulary: u32) -> Self {
        let mut total = 0;
        let cumulated = (1..=u64::from(vocabulary - FIRST_WORD))
            .map(|rank| {
                total += (1 << 24) / rank;
                total
            })
            .collect();
        Self {
            state: 1,
            cumulated,
        }
    }

    fn next(&mut self) -> u32 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let total = self.cumulated.last().copied().unwrap_or_default();
        let point = ((self.state >> 32) * total) >> 32;
        let rank = self.cumulated.partition_point(|&sum| sum <= point);
        FIRST_WORD + rank as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workload_is_that_of_the_peers() {
        let batches = batches(30_522).expect("the workload");
        assert_eq!((batches.len(), batches[0].len()), (64, 32));
        assert_eq!(
            batches[0].input_ids[..31],
            [
                101, 1055, 1142, 1644, 1035, 4192, 1128, 1230, 1000, 6166, 1004, 2860, 1189, 3809,
                1017, 1007, 2946, 1056, 1281, 1487, 1004, 7866, 24652, 1220, 1482, 1037, 3953,
                1340, 1000, 21121, 102
            ]
        );
        let sum: u64 = batches
            .iter()
            .flat_map(|b| &b.input_ids)
            .map(|&id| u64::from(id))
            .sum();
        assert_eq!(sum, 211_234_151);
        assert_eq!(
            batches.iter().map(PackedBatch::tokens).sum::<usize>(),
            60_915
        );
    }
}
