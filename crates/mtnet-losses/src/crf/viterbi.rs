//! The best path of tags through a sequence (Viterbi 1967).

use super::chain::{Chain, add};

/// A sequence's best path.
#[derive(Clone, Debug, PartialEq)]
pub struct TagPath {
    /// Tag of each step `(steps)`.
    pub tags: Vec<u32>,
    /// Its score, of which the path's probability is `exp(score - log Z)`; in nats.
    pub score: f64,
}

/// The path with the highest score through emissions `(steps, tags)`; of equal ones, the one
/// that has the lowest tag where they last differ.
pub(super) fn best_path(chain: &Chain, emissions: &[f64]) -> TagPath {
    let mut steps = emissions.chunks_exact(chain.tags);
    let Some(first) = steps.next() else {
        return TagPath {
            tags: Vec::new(),
            score: 0.,
        };
    };
    let mut scores = add(&chain.start, first);
    let mut origins: Vec<Vec<usize>> = Vec::with_capacity(steps.len());
    for emission in steps {
        let (reached, origin) = (0..chain.tags)
            .map(|to| {
                let (from, score) = first_largest(&add(&scores, chain.forward.column(to)));
                (score + emission[to], from)
            })
            .unzip();
        scores = reached;
        origins.push(origin);
    }
    let (last, score) = first_largest(&add(&scores, &chain.end));
    let mut tags = vec![last as u32];
    let mut tag = last;
    for origin in origins.iter().rev() {
        tag = origin[tag];
        tags.push(tag as u32);
    }
    tags.reverse();
    TagPath { tags, score }
}

/// The first of the largest values, and its index.
fn first_largest(values: &[f64]) -> (usize, f64) {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, &value) in values.iter().enumerate() {
        if value > best.1 {
            best = (index, value);
        }
    }
    best
}
