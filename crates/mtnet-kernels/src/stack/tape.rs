//! What a forward pass leaves for the backward pass.

use std::sync::Arc;

use mtnet_core::Offsets;

use super::embeddings::Embedded;
use super::forward::Saved;
use crate::mode::Mode;

/// The result of a forward pass, and what its backward pass needs. Dropped, it gives its memory
/// back to the stack.
#[derive(Debug)]
pub struct Tape {
    pub(super) embedded: Embedded,
    /// What each layer saved, `None` for one that was left out.
    pub(super) layers: Vec<Option<Saved>>,
    pub(super) offsets: Arc<Offsets>,
    pub(super) mode: Mode,
}

impl Tape {
    /// Hidden rows `(tokens, hidden)`.
    pub fn hidden(&self) -> &[f32] {
        self.input_of(self.layers.len())
    }

    /// How many tokens went through.
    pub(super) fn tokens(&self) -> usize {
        self.offsets.total()
    }

    /// The rows that a layer reads.
    pub(super) fn input_of(&self, layer: usize) -> &[f32] {
        match self.below(layer) {
            None => &self.embedded.rows,
            Some(lower) => &self.saved(lower).output.rows,
        }
    }

    /// The next lower layer that was not left out.
    pub(super) fn below(&self, layer: usize) -> Option<usize> {
        (0..layer).rev().find(|&lower| self.layers[lower].is_some())
    }

    /// What a layer saved.
    ///
    /// # Panics
    /// If it was left out.
    pub(super) fn saved(&self, layer: usize) -> &Saved {
        let saved = self.layers[layer].as_ref();
        saved.expect("a layer that was left out has no way back")
    }
}
