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
    pub(super) layers: Vec<Saved>,
    pub(super) offsets: Arc<Offsets>,
    pub(super) mode: Mode,
}

impl Tape {
    /// Hidden rows `(tokens, hidden)`.
    pub fn hidden(&self) -> &[f32] {
        self.input_of(self.layers.len())
    }

    /// The rows that a layer reads.
    pub(super) fn input_of(&self, layer: usize) -> &[f32] {
        match layer.checked_sub(1) {
            None => &self.embedded.rows,
            Some(lower) => &self.layers[lower].output.rows,
        }
    }
}
