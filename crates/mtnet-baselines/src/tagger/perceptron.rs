//! The averaged structured perceptron (Collins 2002, *Discriminative training methods for hidden
//! Markov models*, figure 1 and §2.5).
//!
//! Sentences are tagged in turn with the best path; where it is wrong, weights on the right path
//! rise by one and those on the path found fall by one. The model is the mean of the weights over
//! all turns, kept as `w − u / c` with the sum `u` of changes times their turn (Daumé 2006, §2.1).

use std::collections::HashMap;

use mtnet_core::RandomStream;

use super::features::features;
use super::viterbi::best_path;

/// How a tagger is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerceptronOptions {
    /// Passes over the sentences. Default 10.
    pub epochs: usize,
    /// Seed of their order in each pass. Default 1.
    pub seed: u64,
}

impl Default for PerceptronOptions {
    fn default() -> Self {
        Self {
            epochs: 10,
            seed: 1,
        }
    }
}

/// Weights of features and of pairs of tags.
#[derive(Clone, Debug)]
pub struct PerceptronTagger {
    columns: HashMap<String, u32>,
    tags: usize,
    /// `(features, tags)`, then the transitions `(tags + 1, tags)`.
    weights: Vec<f32>,
}

impl PerceptronTagger {
    /// Trains on sentences of words with their tags (below `tags`; any other number marks a word
    /// without a tag, which teaches nothing). Each epoch's model is handed to `better`, which says
    /// whether it is the best so far; the best is returned.
    ///
    /// # Panics
    /// If a sentence has not as many tags as words.
    pub fn fit(
        sentences: &[(Vec<&str>, &[u32])],
        tags: usize,
        options: PerceptronOptions,
        mut better: impl FnMut(&Self) -> bool,
    ) -> Self {
        let mut columns = HashMap::new();
        let rows: Vec<Vec<Vec<u32>>> = sentences
            .iter()
            .map(|(words, _)| {
                let mut rows = vec![Vec::new(); words.len()];
                features(words, |word, feature| {
                    let next = columns.len() as u32;
                    let column = match columns.get(feature) {
                        Some(&column) => column,
                        None => *columns.entry(feature.to_owned()).or_insert(next),
                    };
                    rows[word].push(column);
                });
                rows
            })
            .collect();
        let mut learner = Learner::new(columns.len(), tags);
        let order = RandomStream::new(options.seed).child("perceptron");
        let mut model = Self {
            columns,
            tags,
            weights: learner.weights.clone(),
        };
        let mut best = None;
        for epoch in 0..options.epochs {
            let mut turns: Vec<usize> = (0..sentences.len()).collect();
            order.at(epoch as u64).shuffle(&mut turns);
            for at in turns {
                learner.learn(&rows[at], sentences[at].1);
            }
            model.weights = learner.mean();
            if better(&model) || best.is_none() {
                best = Some(model.weights.clone());
            }
        }
        model.weights = best.unwrap_or(model.weights);
        model
    }

    /// The tag of each word.
    pub fn tag(&self, words: &[&str]) -> Vec<u32> {
        let mut rows = vec![Vec::new(); words.len()];
        features(words, |word, feature| {
            rows[word].extend(self.columns.get(feature))
        });
        best_of(&self.weights, &rows, self.tags, self.columns.len())
    }

    /// Numbers in all weights.
    pub fn parameters(&self) -> u64 {
        self.weights.len() as u64
    }
}

fn best_of(weights: &[f32], rows: &[Vec<u32>], tags: usize, features: usize) -> Vec<u32> {
    let mut emissions = vec![0.0; rows.len() * tags];
    for (row, emissions) in rows.iter().zip(emissions.chunks_mut(tags)) {
        for &feature in row {
            let weights = &weights[feature as usize * tags..][..tags];
            emissions.iter_mut().zip(weights).for_each(|(e, w)| *e += w);
        }
    }
    best_path(&emissions, &weights[features * tags..], tags)
}

struct Learner {
    features: usize,
    tags: usize,
    weights: Vec<f32>,
    /// Changes times the turn they were made in.
    timed: Vec<f64>,
    turn: f64,
}

impl Learner {
    fn new(features: usize, tags: usize) -> Self {
        let length = (features + tags + 1) * tags;
        Self {
            features,
            tags,
            weights: vec![0.0; length],
            timed: vec![0.0; length],
            turn: 1.0,
        }
    }

    fn learn(&mut self, rows: &[Vec<u32>], truth: &[u32]) {
        assert_eq!(rows.len(), truth.len(), "a tag a word");
        let found = best_of(&self.weights, rows, self.tags, self.features);
        let known = |tag: u32| (tag as usize) < self.tags;
        // A word without a tag is taken as found, so that it moves nothing.
        let truth: Vec<u32> = truth
            .iter()
            .zip(&found)
            .map(|(&tag, &found)| if known(tag) { tag } else { found })
            .collect();
        if truth != found {
            for (path, change) in [(&truth, 1.0), (&found, -1.0)] {
                let mut before = self.tags;
                for (row, &tag) in rows.iter().zip(path) {
                    let tag = tag as usize;
                    for &feature in row {
                        self.change(feature as usize, tag, change);
                    }
                    self.change(self.features + before, tag, change);
                    before = tag;
                }
            }
        }
        self.turn += 1.0;
    }

    fn change(&mut self, row: usize, tag: usize, by: f32) {
        let at = row * self.tags + tag;
        self.weights[at] += by;
        self.timed[at] += self.turn * f64::from(by);
    }

    fn mean(&self) -> Vec<f32> {
        self.weights
            .iter()
            .zip(&self.timed)
            .map(|(&weight, timed)| (f64::from(weight) - timed / self.turn) as f32)
            .collect()
    }
}
