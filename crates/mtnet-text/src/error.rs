//! What can be wrong with a tokenizer or with what it is handed.

use std::path::PathBuf;

/// Why a tokenizer could not be made, or a text not encoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The tokenizer is not JSON, or not that of a tokenizer.
    #[error("tokenizer{}: {reason}; expected a `tokenizer.json` as the tokenizers library writes it", from(.path))]
    Tokenizer {
        /// The file, if it came from one.
        path: Option<PathBuf>,
        /// What is wrong.
        reason: String,
    },
    /// The tokenizer failed on a text.
    #[error("a text of {bytes} bytes could not be tokenised: {reason}")]
    Encode {
        /// Length of the text.
        bytes: usize,
        /// What the tokenizer said.
        reason: String,
    },
    /// There would be nothing to read.
    #[error(
        "a text of {bytes} bytes gives no token, and the tokenizer adds no special ones; leave such texts out, or use a tokenizer that adds some"
    )]
    NoTokens {
        /// Length of the text.
        bytes: usize,
    },
    /// A length that leaves no room for text.
    #[error(
        "max_length is {found}, expected at least {least}: the tokenizer adds {special} special tokens"
    )]
    MaxLength {
        /// The length asked for.
        found: usize,
        /// The least that makes sense.
        least: usize,
        /// Special tokens around a text or pair.
        special: usize,
    },
    /// There is no text to take a vocabulary from.
    #[error("no word occurs in the texts that a vocabulary should be trained on")]
    NoWords,
    /// A vocabulary setting out of range.
    #[error("tokenizer setting `{setting}` is {found}, expected {expected}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// Its value.
        found: usize,
        /// Its range.
        expected: &'static str,
    },
}

fn from(path: &Option<PathBuf>) -> String {
    path.as_ref()
        .map(|path| format!(" {}", path.display()))
        .unwrap_or_default()
}
