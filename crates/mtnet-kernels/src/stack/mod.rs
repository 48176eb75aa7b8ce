//! A whole transformer encoder with its gradients derived by hand, on plain slices of `f32`.
//!
//! It computes what the operations of this crate compute one by one under candle's automatic
//! differentiation (embeddings, then post-norm layers: Vaswani et al. 2017, §3.1; Devlin et al.
//! 2019, §3), with the same dropout masks, at the cost of its matrix products: everything else is
//! done to rows in cache, memory is used again from step to step, and tables of embeddings are
//! touched only in the rows that a batch reads. The bits do not depend on the number of threads.

mod attention;
mod attention_backward;
mod backward;
mod config;
mod descent;
mod destination;
mod embeddings;
mod embeddings_backward;
mod forward;
mod norm_backward;
mod parts;
mod pool;
mod row;
mod rows;
mod small;
#[cfg(target_arch = "x86_64")]
mod small_avx512;
mod softmax;
#[cfg(target_arch = "x86_64")]
mod softmax_avx512;
mod sums;
mod tape;
mod weights;

use std::sync::Arc;

use candle_core::{Result, bail};

pub use config::StackConfig;
pub use destination::Destination;
pub use parts::{EmbeddingParts, LayerParts, StackGradients, StackInput, Wanted};
pub use tape::Tape;
pub use weights::Purpose;

pub(crate) use attention::Heads;
pub(crate) use pool::Pool;

use crate::mode::Mode;
use forward::LayerPass;
use rows::RowSet;
use weights::Weights;

/// A transformer encoder: weights laid out for its products, and the memory of its steps.
#[derive(Debug)]
pub struct Stack {
    config: StackConfig,
    weights: Weights,
    pool: Arc<Pool>,
}

impl Stack {
    /// A stack without weights: [`pack`](Self::pack) comes first.
    ///
    /// # Errors
    /// If the sizes do not fit each other.
    pub fn new(config: StackConfig) -> Result<Self> {
        config.check()?;
        Ok(Self {
            config,
            weights: Weights::default(),
            pool: Arc::default(),
        })
    }

    /// What it was built from.
    pub fn config(&self) -> &StackConfig {
        &self.config
    }

    /// Lays out the weights, once for each change of them: those of the layers, from the lowest,
    /// and of the embeddings the norm and the projection. The tables are not read.
    ///
    /// # Errors
    /// If a size does not fit the configuration, or the precision does not fit its use.
    pub fn pack(
        &mut self,
        layers: &[LayerParts<&[f32]>],
        embeddings: &EmbeddingParts<&[f32]>,
        purpose: Purpose,
    ) -> Result<()> {
        self.weights.pack(&self.config, layers, embeddings, purpose)
    }

    /// Hidden rows `(tokens, hidden)` for answers: no dropout, nothing saved. Of rows that are not
    /// wanted the last layer computes nothing, and what stands there means nothing.
    ///
    /// # Errors
    /// If no weights are packed, lengths do not fit, an id lies past its table or a wanted row past
    /// the tokens.
    pub fn infer(
        &self,
        input: &StackInput<'_>,
        embeddings: &EmbeddingParts<&[f32]>,
        wanted: Wanted<'_>,
    ) -> Result<Vec<f32>> {
        self.check(input)?;
        let (offsets, mode) = (input.offsets, Mode::Eval);
        let whole = RowSet::whole(offsets);
        let last = match wanted {
            Wanted::All => None,
            Wanted::Rows(rows) => Some(RowSet::of_tokens(rows, offsets)?),
        };
        in_pool(|| {
            let mut x = self.embed(input, embeddings, &mode)?.rows;
            if x.is_empty() {
                return Ok(vec![]);
            }
            for layer in 0..self.config.layers {
                let rows = match &last {
                    Some(rows) if layer + 1 == self.config.layers => rows,
                    _ => &whole,
                };
                let pass = LayerPass {
                    rows,
                    offsets,
                    mode: &mode,
                    keep: false,
                };
                x = self.forward_layer(layer, &x, &pass).output.rows;
            }
            match &last {
                Some(rows) if self.config.layers > 0 => Ok(rows.spread(&x, self.config.hidden)),
                _ => Ok(x.to_vec()),
            }
        })
    }

    /// Hidden rows, with what a backward pass needs.
    ///
    /// # Errors
    /// As [`infer`](Self::infer).
    pub fn forward(
        &self,
        input: &StackInput<'_>,
        embeddings: &EmbeddingParts<&[f32]>,
        mode: &Mode,
    ) -> Result<Tape> {
        self.check(input)?;
        let offsets = input.offsets;
        let pass = LayerPass {
            rows: &RowSet::whole(offsets),
            offsets,
            mode,
            keep: true,
        };
        in_pool(|| {
            let embedded = self.embed(input, embeddings, &mode.child("embeddings"))?;
            let mut tape = Tape {
                embedded,
                layers: Vec::with_capacity(self.config.layers),
                offsets: offsets.clone(),
                mode: *mode,
            };
            for layer in 0..self.config.layers {
                let of_layer = mode.child("layers").at(layer as u64);
                let left_out = of_layer.leaves_out(self.config.layer_drop);
                let saved = (!left_out && offsets.total() > 0)
                    .then(|| self.forward_layer(layer, tape.input_of(layer), &pass));
                tape.layers.push(saved);
            }
            Ok(tape)
        })
    }

    /// The gradient of `Σ slope · hidden` with respect to the sums of the embeddings
    /// `(tokens, embedding size)`, before their norm: what a shift of them would do.
    ///
    /// # Errors
    /// As [`backward`](Self::backward).
    pub fn slope_at_input(&self, tape: &Tape, slope: &[f32]) -> Result<Vec<f32>> {
        let mut at_input = vec![0.0; tape.tokens() * self.config.embedding_size];
        let mut gradients = StackGradients::none(&self.config);
        gradients.at_input = Some(&mut at_input);
        self.backward(tape, slope, &mut gradients)?;
        drop(gradients);
        Ok(at_input)
    }

    /// Adds the gradients of `Σ slope · hidden`, `slope (tokens, hidden)`, to those given. The
    /// weights must still be those of the forward pass; one tape may go backward several times.
    ///
    /// Below the lowest trained parameter's layer nothing is computed.
    ///
    /// # Errors
    /// If the weights were not packed for training, or a length does not fit.
    pub fn backward(
        &self,
        tape: &Tape,
        slope: &[f32],
        gradients: &mut StackGradients<'_>,
    ) -> Result<()> {
        self.backward_many(tape, &[slope], std::slice::from_mut(gradients))
    }

    /// As [`backward`](Self::backward) for the slopes of several tasks, each to gradients of its
    /// own. What does not depend on the slopes is computed once.
    ///
    /// # Errors
    /// As [`backward`](Self::backward), and if there are not as many slopes as gradients.
    pub fn backward_many(
        &self,
        tape: &Tape,
        slopes: &[&[f32]],
        gradients: &mut [StackGradients<'_>],
    ) -> Result<()> {
        if !self.weights.purpose.for_training {
            bail!("stack: the weights were not packed for training");
        }
        if slopes.len() != gradients.len() {
            bail!(
                "stack: {} slopes for {} sets of gradients",
                slopes.len(),
                gradients.len()
            );
        }
        let expected = tape.hidden().len();
        for slope in slopes {
            if slope.len() != expected {
                bail!(
                    "stack: expected a slope of {expected} numbers, found {}",
                    slope.len()
                );
            }
        }
        for gradients in gradients.iter() {
            gradients.check(&self.config)?;
        }
        if expected > 0 {
            in_pool(|| self.backward_tasks(tape, slopes, gradients));
        }
        Ok(())
    }

    fn check(&self, input: &StackInput<'_>) -> Result<()> {
        if self.weights.embedding_norm.weight.is_empty() {
            bail!("stack: no weights are packed");
        }
        input.check()
    }
}

/// Runs the work on a thread of the pool: each of its many small parallel parts would otherwise
/// wake the pool and be waited for from outside.
fn in_pool<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::scope(|_| work())
}
