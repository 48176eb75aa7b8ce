//! Embeddings that start from word vectors.

use std::collections::HashMap;

use candle_core::{Device, Result, Tensor};
use mtnet_core::RandomStream;

use super::WordVectors;

/// The initial values of a word embedding table.
#[derive(Clone, Debug)]
pub struct InitialRows {
    /// `(vocabulary, dim)`.
    pub rows: Tensor,
    /// How many tokens of the vocabulary have a vector.
    pub covered: usize,
}

impl WordVectors {
    /// A row for each token: its vector if it is a whole word among the words (as written, else
    /// in lower case), and numbers drawn from `init` otherwise. What is drawn has the vectors'
    /// own standard deviation and depends on the token alone.
    ///
    /// With `deviation`, vectors and drawn numbers are scaled to that standard deviation.
    ///
    /// # Errors
    /// If the device fails.
    pub fn initial_rows(
        &self,
        vocabulary: &[String],
        deviation: Option<f32>,
        init: RandomStream,
        device: &Device,
    ) -> Result<InitialRows> {
        let own = self.standard_deviation();
        let drawn = deviation.unwrap_or(own);
        let scale = if own > 0.0 { drawn / own } else { 1.0 };
        let index = Index::new(self.words());
        let mut covered = 0;
        let mut rows = Vec::with_capacity(vocabulary.len() * self.dim());
        for token in vocabulary {
            if let Some(row) = index.find(token) {
                covered += 1;
                rows.extend(self.row(row).iter().map(|number| number * scale));
            } else {
                let mut stream = init.child(token);
                rows.extend((0..self.dim()).map(|_| drawn * stream.normal() as f32));
            }
        }
        let rows = Tensor::from_vec(rows, (vocabulary.len(), self.dim()), device)?;
        Ok(InitialRows { rows, covered })
    }

    /// Standard deviation of all numbers around their mean.
    pub fn standard_deviation(&self) -> f32 {
        let count = self.data().len().max(1) as f64;
        let mean = self.data().iter().copied().map(f64::from).sum::<f64>() / count;
        let squares = self
            .data()
            .iter()
            .map(|&number| (f64::from(number) - mean).powi(2));
        (squares.sum::<f64>() / count).sqrt() as f32
    }
}

/// Rows by word, and by the word in lower case; the first of several counts.
struct Index<'a> {
    exact: HashMap<&'a str, usize>,
    folded: HashMap<String, usize>,
}

impl<'a> Index<'a> {
    fn new(words: &'a [String]) -> Self {
        let mut index = Self {
            exact: HashMap::with_capacity(words.len()),
            folded: HashMap::with_capacity(words.len()),
        };
        for (row, word) in words.iter().enumerate() {
            index.exact.entry(word).or_insert(row);
            index.folded.entry(word.to_lowercase()).or_insert(row);
        }
        index
    }

    /// The row of a token, `None` for pieces inside a word (`##ing`) and unknown words.
    fn find(&self, token: &str) -> Option<usize> {
        let exact = self.exact.get(token);
        exact
            .or_else(|| self.folded.get(&token.to_lowercase()))
            .copied()
    }
}
