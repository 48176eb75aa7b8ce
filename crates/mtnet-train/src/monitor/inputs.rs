//! Batches that hold next to nothing.

use std::collections::BTreeSet;

use mtnet_core::PackedBatch;
use serde::{Deserialize, Serialize};

/// A batch of several texts with no more different tokens than this is empty: a few special ones,
/// and perhaps the unknown one.
const TOKENS: usize = 4;

/// Steps in a row whose batches were empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Inputs {
    empty: u64,
}

impl Inputs {
    /// Takes in a batch; gives how many empty ones came in a row.
    pub fn take(&mut self, batch: &PackedBatch) -> u64 {
        let mut seen = BTreeSet::new();
        let mut has_more = |id: &&u32| seen.insert(**id) && seen.len() > TOKENS;
        if batch.len() >= TOKENS && !batch.input_ids.iter().any(|id| has_more(&id)) {
            self.empty += 1;
        } else {
            self.empty = 0;
        }
        self.empty
    }
}
