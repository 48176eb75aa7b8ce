//! A WordPiece vocabulary from a run's own text, for encoders from scratch.

mod config;
mod count;
mod json;
mod merges;
mod queue;
mod train;

pub use config::WordPieceConfig;
pub use train::train_wordpiece;

/// Stands before a piece that continues a word.
const PREFIX: &str = "##";

/// Special tokens in the order of their ids.
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// Characters of a word at most: a longer one is read as unknown, as in BERT.
const MAX_WORD_CHARS: usize = 100;
