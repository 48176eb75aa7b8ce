//! One gradient method a block of parameters: the encoder, its layers or its tensors.
//!
//! Conflicts differ from layer to layer, and every method on gradients can be applied to
//! each part of the parameters by itself (PCGrad and GradVac do so in their authors' code).
//! Blocks share nothing: each has its state and its stream of random numbers.

use crate::{
    BalanceConfig, BalanceError, BalanceState, GradientBalancer, GradientRows, Gramian, TaskInfo,
    TaskLosses, TaskWeights,
};

/// A gradient method for each block of parameters.
#[derive(Debug)]
pub struct BlockBalancer {
    /// One or more.
    blocks: Vec<GradientBalancer>,
}

impl BlockBalancer {
    /// The method of `config` for each of `blocks` blocks, at least one.
    ///
    /// Block 0 draws from the stream of `seed`, as a single [`GradientBalancer`] would.
    ///
    /// # Errors
    /// As [`BalanceConfig::build_gradients`].
    ///
    /// # Panics
    /// If there is no block.
    pub fn new(
        config: &BalanceConfig,
        tasks: &[TaskInfo],
        seed: u64,
        blocks: usize,
    ) -> Result<Self, BalanceError> {
        assert!(blocks > 0, "a gradient method needs a block of parameters");
        // Any odd step keeps the streams of blocks and of neighbouring seeds apart.
        let seed_of = |block: u64| seed.wrapping_add(block.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let blocks = (0..blocks as u64)
            .map(|block| config.build_gradients(tasks, seed_of(block)))
            .collect::<Result<_, _>>()?;
        Ok(Self { blocks })
    }

    /// The name by which run files select the method.
    pub fn name(&self) -> &'static str {
        self.blocks[0].name()
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Whether the Gramian of each block is all that the method needs.
    pub fn needs_gramian_only(&self) -> bool {
        self.blocks[0].needs_gramian_only()
    }

    /// The weights of each block, where wrappers make the gradients of the step needless;
    /// see [`GradientBalancer::weigh_by_losses`].
    ///
    /// # Errors
    /// As [`GradientBalancer::weigh_by_losses`].
    pub fn weigh_by_losses(
        &mut self,
        losses: &TaskLosses,
    ) -> Result<Option<Vec<TaskWeights>>, BalanceError> {
        // Wrappers decide by steps and tasks alone, so that all blocks answer alike.
        self.blocks
            .iter_mut()
            .map(|block| block.weigh_by_losses(losses).transpose())
            .collect::<Option<Result<Vec<_>, _>>>()
            .transpose()
    }

    /// The weights of a block from the Gramian of its part of the gradients.
    ///
    /// # Errors
    /// As [`GradientBalancer::weigh`].
    ///
    /// # Panics
    /// If there is no such block.
    pub fn weigh(
        &mut self,
        block: usize,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        self.blocks[block].weigh(gramian, losses)
    }

    /// Writes the direction of a block from its part of the gradients, counted from the
    /// first entry of the block.
    ///
    /// # Errors
    /// As [`GradientBalancer::aggregate`].
    ///
    /// # Panics
    /// If there is no such block.
    pub fn aggregate(
        &mut self,
        block: usize,
        gradients: &GradientRows<'_>,
        losses: &TaskLosses,
        write: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<Option<TaskWeights>, BalanceError> {
        self.blocks[block].aggregate(gradients, losses, write)
    }

    /// All that the method learned so far, one part a block.
    pub fn state(&self) -> BalanceState {
        BalanceState {
            parts: self.blocks.iter().map(GradientBalancer::state).collect(),
            ..BalanceState::new(self.name())
        }
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// [`BalanceError::State`] if another method, another number of tasks or another number
    /// of blocks saved it; the method is then unchanged.
    pub fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(self.name())?;
        let (found, expected) = (state.parts.len(), self.blocks.len());
        if found != expected {
            let problem = format!("it holds {found} blocks of parameters, expected {expected}");
            let method = self.name();
            return Err(BalanceError::State { method, problem });
        }
        let before = self.state();
        let restored = self.restore_blocks(state);
        if restored.is_err() {
            // All or none: every block goes back to where it was.
            self.restore_blocks(before)?;
        }
        restored
    }

    fn restore_blocks(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        let mut pairs = self.blocks.iter_mut().zip(state.parts);
        pairs.try_for_each(|(block, part)| block.restore(part))
    }
}
