//! How large a vocabulary is, and what is a piece.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The `[tokenizer]` table of a run file: the vocabulary of an encoder from scratch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WordPieceConfig {
    /// Pieces at most, special tokens included and words of word vectors not. Default 8000.
    pub vocab_size: usize,
    /// How often a pair must occur to become a piece. Default 2.
    pub min_frequency: u64,
    /// Whether letters are lower-cased and accents dropped. Default true.
    pub lowercase: bool,
}

impl Default for WordPieceConfig {
    fn default() -> Self {
        Self {
            vocab_size: 8000,
            min_frequency: 2,
            lowercase: true,
        }
    }
}
