//! The layers backward, for the slopes of one or several tasks at a time.
//!
//! Rows of the tasks stand below one another, so that what is common to them (layouts of weights,
//! slopes of activations, attention's probabilities) is read or made once; only the gradients of
//! weights are products of their own.

use super::descent::{Below, Descent};
use super::norm_backward::NormBackward;
use super::pool::Buffer;
use super::rows::RowSet;
use super::{Destination, Stack, StackGradients, Tape};

impl Stack {
    /// `slopes` and `gradients` have one entry for each task; sizes are checked.
    pub(super) fn backward_tasks(
        &self,
        tape: &Tape,
        slopes: &[&[f32]],
        gradients: &mut [StackGradients<'_>],
    ) {
        let to_embeddings = gradients.iter().any(StackGradients::trains_embeddings);
        let trained = |&layer: &usize| {
            tape.layers[layer].is_some() && gradients.iter().any(|to| to.trains_layer(layer))
        };
        let layers = tape.layers.len();
        let lowest = match (0..layers).find(trained) {
            _ if to_embeddings => 0,
            Some(layer) => layer,
            None => return,
        };
        let (offsets, hidden) = (&*tape.offsets, self.config.hidden);
        let top = RowSet::of_slopes(slopes, hidden, offsets);
        let all = top.of_sequences(offsets);
        if top.len() == 0 {
            return;
        }
        let mut rows = &top;
        let Some(last) = tape.below(layers) else {
            let slopes = self.gathered(slopes, &all);
            return self.backward_embeddings(tape, &slopes, &all, gradients);
        };
        let mut above = self.norm_of(tape, last, rows).run_on(slopes);
        let kept = (lowest..layers)
            .rev()
            .filter(|&layer| tape.layers[layer].is_some());
        for layer in kept {
            let go_on = layer > lowest || to_embeddings;
            let descent = Descent {
                stack: self,
                tape,
                layer,
                top: rows,
                all: &all,
            };
            let Some(attended) = descent.feed_forward(&above, gradients, go_on) else {
                return;
            };
            match descent.attention(&attended, gradients, go_on) {
                Some(Below::Layer(slopes)) => above = slopes,
                Some(Below::Embeddings(slopes)) => {
                    return self.backward_embeddings(tape, &slopes, &all, gradients);
                }
                None => return,
            }
            rows = &all;
        }
    }

    /// The end of a layer.
    pub(super) fn norm_of<'a>(
        &'a self,
        tape: &'a Tape,
        layer: usize,
        rows: &'a RowSet,
    ) -> NormBackward<'a> {
        NormBackward {
            saved: &tape.saved(layer).output,
            norm: &self.weights.layers[layer].output_norm,
            mask: self.dropout_of(layer, &tape.mode).output,
            rows,
            pool: &self.pool,
        }
    }

    /// The tasks' rows of slopes `(tokens, hidden)`.
    fn gathered(&self, slopes: &[&[f32]], rows: &RowSet) -> Buffer {
        let mut out = self.pool.take(rows.len() * self.config.hidden);
        let mut rest: &mut [f32] = &mut out;
        for (task, slope) in slopes.iter().enumerate() {
            let values = rows.gather(task, slope, self.config.hidden, &self.pool);
            rest[..values.len()].copy_from_slice(&values);
            rest = &mut std::mem::take(&mut rest)[values.len()..];
        }
        out
    }
}

/// Adds to the gradient of a parameter, unless it is frozen.
pub(super) fn add(values: &[f32], to: &mut Option<Destination<'_>>) {
    if let Some(to) = to {
        to.add(values);
    }
}
