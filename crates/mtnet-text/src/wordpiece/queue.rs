//! Pairs of pieces, the most frequent first.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Two neighbouring pieces.
pub(super) type Pair = (u32, u32);

/// A pair as it was counted when it was queued.
#[derive(PartialEq, Eq)]
pub(super) struct Candidate {
    pub pair: Pair,
    pub count: u64,
    /// The pieces as text: equally frequent pairs go in this order, whatever their ids.
    letters: Reverse<(String, String)>,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.count, &self.letters).cmp(&(other.count, &other.letters))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The queue. A pair may stand in it several times, with counts that have changed since.
#[derive(Default)]
pub(super) struct PairQueue(BinaryHeap<Candidate>);

impl PairQueue {
    /// Queues a pair of pieces that occurs `count` times.
    pub fn push(&mut self, pair: Pair, count: u64, pieces: &[String]) {
        let letter = |piece: u32| pieces[piece as usize].clone();
        self.0.push(Candidate {
            pair,
            count,
            letters: Reverse((letter(pair.0), letter(pair.1))),
        });
    }

    /// Takes the most frequent pair out.
    pub fn pop(&mut self) -> Option<Candidate> {
        self.0.pop()
    }
}
