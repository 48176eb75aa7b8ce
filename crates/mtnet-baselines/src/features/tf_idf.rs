//! Terms weighted by how often they occur in a text and in how few texts.
//!
//! A term that occurs `c` times in a text and in `d` of `n` training texts weighs
//! `(1 + ln c) · (1 + ln((1 + n) / (1 + d)))`, and a row has length 1 (Salton and Buckley 1988,
//! *Term-weighting approaches in automatic text retrieval*; the smoothing is scikit-learn's).

use std::collections::HashMap;

use super::{Analyzer, SparseRows};
use crate::BaselineError;

/// Which terms become columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TfIdfOptions {
    /// What the terms of a text are.
    pub analyzer: Analyzer,
    /// The fewest training texts that a term must be in.
    pub min_documents: u32,
    /// The most columns; the terms that occur most often overall are kept, of equals the first in
    /// the order of their bytes.
    pub max_terms: usize,
}

/// The columns of the training texts with their weights.
#[derive(Clone, Debug)]
pub struct TfIdf {
    analyzer: Analyzer,
    columns: HashMap<String, u32>,
    inverse_frequency: Vec<f32>,
}

#[derive(Clone, Copy, Default)]
struct Occurrences {
    documents: u32,
    total: u64,
    last: usize,
}

impl TfIdf {
    /// Learns columns and weights from texts.
    ///
    /// # Errors
    /// If no term is frequent enough.
    pub fn fit<'a>(
        texts: impl Iterator<Item = &'a str>,
        options: TfIdfOptions,
    ) -> Result<Self, BaselineError> {
        let mut found: HashMap<String, Occurrences> = HashMap::new();
        let mut count = 0;
        for text in texts {
            count += 1;
            options.analyzer.terms(text, |term| {
                // A look first: most terms are known, and an entry would copy them.
                let known = match found.get_mut(term) {
                    Some(known) => known,
                    None => found.entry(term.to_owned()).or_default(),
                };
                known.total += 1;
                if known.last != count {
                    known.documents += 1;
                    known.last = count;
                }
            });
        }
        let mut kept: Vec<(String, Occurrences)> = found
            .into_iter()
            .filter(|(_, seen)| seen.documents >= options.min_documents)
            .collect();
        if kept.is_empty() {
            return Err(BaselineError::NoTerms {
                min_documents: options.min_documents,
            });
        }
        kept.sort_by(|(a, seen_a), (b, seen_b)| {
            seen_b.total.cmp(&seen_a.total).then_with(|| a.cmp(b))
        });
        kept.truncate(options.max_terms.max(1));
        kept.sort_by(|(a, _), (b, _)| a.cmp(b));
        let inverse_frequency = kept.iter().map(|(_, seen)| {
            let share = (1.0 + count as f64) / (1.0 + f64::from(seen.documents));
            (1.0 + share.ln()) as f32
        });
        Ok(Self {
            analyzer: options.analyzer,
            inverse_frequency: inverse_frequency.collect(),
            columns: kept
                .into_iter()
                .zip(0..)
                .map(|((term, _), column)| (term, column))
                .collect(),
        })
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.inverse_frequency.len()
    }

    /// The row of a text, columns rising; empty where it has no known term.
    pub fn row(&self, text: &str) -> Vec<(u32, f32)> {
        let mut found: Vec<u32> = Vec::new();
        self.analyzer
            .terms(text, |term| found.extend(self.columns.get(term)));
        found.sort_unstable();
        let mut row: Vec<(u32, f32)> = found
            .chunk_by(|a, b| a == b)
            .map(|same| {
                let weight = self.inverse_frequency[same[0] as usize];
                (same[0], (1.0 + (same.len() as f32).ln()) * weight)
            })
            .collect();
        let squares: f64 = row.iter().map(|&(_, value)| f64::from(value).powi(2)).sum();
        if squares > 0.0 {
            let length = squares.sqrt() as f32;
            row.iter_mut().for_each(|(_, value)| *value /= length);
        }
        row
    }

    /// The rows of texts.
    pub fn rows<'a>(&self, texts: impl Iterator<Item = &'a str>) -> SparseRows {
        let mut rows = SparseRows::new(self.width());
        texts.for_each(|text| rows.push(self.row(text)));
        rows
    }
}
