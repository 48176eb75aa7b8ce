//! What can be wrong with what a baseline is handed.

/// Why a baseline could not be fitted or asked. Examples count from 0.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// Nothing to learn from.
    #[error("no training example given, expected at least one")]
    NoExamples,
    /// No term that occurs often enough.
    #[error(
        "no term of the training texts occurs in {min_documents} of them; lower `min_documents`"
    )]
    NoTerms {
        /// The fewest texts that a term must be in.
        min_documents: u32,
    },
    /// A target of another kind than the task's.
    #[error("example {example} has {found} as its target, expected {expected}")]
    Target {
        /// Which example.
        example: usize,
        /// What it has.
        found: String,
        /// What the model learns from.
        expected: &'static str,
    },
    /// A text whose words are not known, for a tagger.
    #[error(
        "example {example} states no words, so it cannot be tagged; read it from a field of tokens"
    )]
    NoWords {
        /// Which example.
        example: usize,
    },
    /// As many tags as words are expected.
    #[error("example {example} has {tags} tags for {words} words")]
    Tags {
        /// Which example.
        example: usize,
        /// How many tags it has.
        tags: usize,
        /// How many words.
        words: usize,
    },
}
