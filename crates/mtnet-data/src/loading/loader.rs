//! Batches of a run in order, made ahead, from any position on.

use mtnet_core::PackedBatch;
use serde::{Deserialize, Serialize};

use super::batches::Layout;
use super::{EpochPlan, Prefetch};
use crate::DataError;

/// The next batch of a run. Saved in a checkpoint, it is all the state that loading has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoaderPosition {
    /// The epoch, from 0.
    pub epoch: usize,
    /// The batch in the epoch, from 0.
    pub batch: usize,
}

/// A batch and its place in the run.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedBatch {
    /// The batch.
    pub batch: PackedBatch,
    /// Where it stands.
    pub position: LoaderPosition,
    /// Where the run goes on behind it: what a checkpoint made after this batch saves.
    pub next: LoaderPosition,
    /// Whether it is the last of its epoch.
    pub ends_epoch: bool,
}

/// The batches of a run, prepared on another thread.
#[derive(Debug)]
pub struct Loader {
    batches: Prefetch<LoadedBatch>,
    position: LoaderPosition,
}

impl Loader {
    /// Starts at a position, preparing at most `ahead` batches before they are asked for. Batches
    /// before the position are not made again.
    ///
    /// # Errors
    /// If the run has no such position, or the system gives no thread.
    pub fn start(plan: EpochPlan, from: LoaderPosition, ahead: usize) -> Result<Self, DataError> {
        let walk = Walk::new(plan, from)?;
        Ok(Self {
            batches: Prefetch::spawn(walk, ahead).map_err(DataError::Thread)?,
            position: from,
        })
    }

    /// Where the next batch stands.
    pub fn position(&self) -> LoaderPosition {
        self.position
    }
}

impl Iterator for Loader {
    type Item = LoadedBatch;

    fn next(&mut self) -> Option<LoadedBatch> {
        let loaded = self.batches.next()?;
        self.position = loaded.next;
        Some(loaded)
    }
}

/// Makes the batches one by one.
struct Walk {
    plan: EpochPlan,
    layout: Layout,
    position: LoaderPosition,
}

impl Walk {
    fn new(plan: EpochPlan, from: LoaderPosition) -> Result<Self, DataError> {
        let layout = match from.epoch < plan.epochs {
            true => plan.layout(from.epoch),
            false => Layout::default(),
        };
        let inside = from.batch < layout.len();
        let at_a_start = from.batch == 0 && from.epoch <= plan.epochs;
        if !inside && !at_a_start {
            return Err(DataError::Position {
                epoch: from.epoch,
                batch: from.batch,
                batches: layout.len(),
                epochs: plan.epochs,
            });
        }
        Ok(Self {
            plan,
            layout,
            position: from,
        })
    }
}

impl Iterator for Walk {
    type Item = LoadedBatch;

    fn next(&mut self) -> Option<LoadedBatch> {
        // An epoch can be empty where the pool is.
        while self.position.batch >= self.layout.len() {
            if self.position.epoch + 1 >= self.plan.epochs {
                return None;
            }
            self.position = LoaderPosition {
                epoch: self.position.epoch + 1,
                batch: 0,
            };
            self.layout = self.plan.layout(self.position.epoch);
        }
        let position = self.position;
        self.position.batch += 1;
        let ends_epoch = self.position.batch == self.layout.len();
        let next = match ends_epoch {
            true => LoaderPosition {
                epoch: position.epoch + 1,
                batch: 0,
            },
            false => self.position,
        };
        Some(LoadedBatch {
            batch: self.layout.pack(&self.plan.corpus, position.batch),
            position,
            next,
            ends_epoch,
        })
    }
}
