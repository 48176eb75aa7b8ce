//! Batches of consecutive examples, laid out before any is packed.

use std::ops::Range;

use mtnet_core::PackedBatch;
use mtnet_text::batches_by_tokens;

use super::Corpus;
use super::corpus::WindowIndex;

/// How much goes into a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchSize {
    /// Tokens at most; a longer window goes alone.
    Tokens(usize),
    /// Examples, each with all of its windows.
    Examples(usize),
}

/// The windows of an order of examples, and which of them each batch holds. The windows of an
/// example stay in order, and may fall into two batches where tokens are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    windows: Vec<WindowIndex>,
    batches: Vec<Range<usize>>,
}

impl Layout {
    pub fn new(corpus: &Corpus, order: &[usize], size: BatchSize) -> Self {
        let mut windows = Vec::with_capacity(order.len());
        let mut borders = vec![0];
        for (position, &example) in order.iter().enumerate() {
            let count = corpus.texts()[example].windows.len();
            windows.extend((0..count).map(|window| (example, window)));
            if let BatchSize::Examples(examples) = size
                && ((position + 1) % examples.max(1) == 0 || position + 1 == order.len())
            {
                borders.push(windows.len());
            }
        }
        let batches = match size {
            BatchSize::Examples(_) => borders.windows(2).map(|pair| pair[0]..pair[1]).collect(),
            BatchSize::Tokens(budget) => {
                let lengths: Vec<usize> = windows
                    .iter()
                    .map(|&at| corpus.window(at).input_ids.len())
                    .collect();
                batches_by_tokens(&lengths, budget)
            }
        };
        Self { windows, batches }
    }

    pub fn len(&self) -> usize {
        self.batches.len()
    }

    pub fn pack(&self, corpus: &Corpus, batch: usize) -> PackedBatch {
        corpus.pack(&self.windows[self.batches[batch].clone()])
    }
}

/// The batches of some examples in the order given, for evaluation and prediction.
///
/// # Panics
/// If an index lies past the end of the corpus.
pub fn sequential_batches<'a>(
    corpus: &'a Corpus,
    indices: &[usize],
    batch_tokens: usize,
) -> impl ExactSizeIterator<Item = PackedBatch> + use<'a> {
    let layout = Layout::new(corpus, indices, BatchSize::Tokens(batch_tokens));
    (0..layout.len()).map(move |batch| layout.pack(corpus, batch))
}
