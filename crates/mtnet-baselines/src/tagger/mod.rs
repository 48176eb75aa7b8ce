//! Tagging of words by a linear chain.

mod features;
mod perceptron;
mod viterbi;

pub use perceptron::{PerceptronOptions, PerceptronTagger};
