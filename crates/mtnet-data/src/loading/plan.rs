//! All that decides which batches a run sees.

use std::sync::Arc;

use mtnet_core::RandomStream;

use super::batches::Layout;
use super::{BatchSize, Corpus};
use crate::sampling::{SamplerConfig, SamplingGroup, epoch_order};

/// Batches of every epoch as a pure function of its fields: any batch can be made without the
/// ones before it.
#[derive(Clone, Debug)]
pub struct EpochPlan {
    /// The examples.
    pub corpus: Arc<Corpus>,
    /// How they are grouped for sampling.
    pub groups: Vec<SamplingGroup>,
    /// How an epoch is shared out between the groups.
    pub sampler: SamplerConfig,
    /// How much goes into a batch.
    pub batch: BatchSize,
    /// The run's stream for data order.
    pub order: RandomStream,
    /// Epochs of the run.
    pub epochs: usize,
}

impl EpochPlan {
    /// The examples of an epoch (from 0) in order.
    pub fn order(&self, epoch: usize) -> Vec<usize> {
        epoch_order(&self.groups, &self.sampler, self.order, epoch, self.epochs)
    }

    /// How many batches an epoch (from 0) has.
    pub fn batches(&self, epoch: usize) -> usize {
        self.layout(epoch).len()
    }

    /// How many batches all epochs have together.
    pub fn total_batches(&self) -> usize {
        (0..self.epochs).map(|epoch| self.batches(epoch)).sum()
    }

    pub(super) fn layout(&self, epoch: usize) -> Layout {
        Layout::new(&self.corpus, &self.order(epoch), self.batch)
    }
}
