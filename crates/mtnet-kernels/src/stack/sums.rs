//! Sums over rows whose terms come block by block from several threads.

use std::sync::{Arc, Mutex, PoisonError};

use super::pool::{Buffer, Pool};
use crate::linear::add_to;

/// Partial sums, each of the rows of one block, to be added in the order of the blocks: which
/// thread comes first does not show.
pub(super) struct Sums {
    pool: Arc<Pool>,
    width: usize,
    parts: Mutex<Vec<(usize, Buffer)>>,
}

impl Sums {
    pub fn new(pool: &Arc<Pool>, width: usize) -> Self {
        Self {
            pool: pool.clone(),
            width,
            parts: Mutex::default(),
        }
    }

    /// Adds a block that begins at that row: `fill` adds its rows to zeros.
    pub fn block<R>(&self, first_row: usize, fill: impl FnOnce(&mut [f32]) -> R) -> R {
        let mut sum = self.pool.take_zeroed(self.width);
        let result = fill(&mut sum);
        self.parts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((first_row, sum));
        result
    }

    /// The sums of the blocks that begin in each of the row ranges with these borders.
    pub fn finish(self, borders: &[usize]) -> Vec<Buffer> {
        let mut parts = self
            .parts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        parts.sort_unstable_by_key(|&(first_row, _)| first_row);
        borders
            .windows(2)
            .map(|pair| {
                let mut sum = self.pool.take_zeroed(self.width);
                for (_, part) in parts
                    .iter()
                    .filter(|(first_row, _)| (pair[0]..pair[1]).contains(first_row))
                {
                    add_to(&mut sum, part);
                }
                sum
            })
            .collect()
    }
}
