//! What can be wrong with a file of word vectors.

/// Why a file holds no word vectors.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WordVectorsProblem {
    /// No vector at all.
    #[error("the file holds no vectors")]
    Empty,
    /// A line that is no UTF-8.
    #[error(
        "bytes that are no UTF-8 text; word2vec's binary form is read from files named `*.bin`"
    )]
    NotText,
    /// A header other than two numbers.
    #[error(
        "the header is `{found}`, expected two numbers above 0: how many vectors, and how wide"
    )]
    Header {
        /// The header.
        found: String,
    },
    /// A vector of another width.
    #[error("found {found} numbers, expected {expected}")]
    Width {
        /// Numbers on the line.
        found: usize,
        /// Width of the vectors before it, or of the header.
        expected: usize,
    },
    /// A first line that holds a word and no number.
    #[error("found `{found}`, expected a word and its numbers, separated by blanks")]
    NoNumbers {
        /// The line.
        found: String,
    },
    /// A field that is no finite number.
    #[error("`{found}` is no finite number")]
    Number {
        /// The field.
        found: String,
    },
    /// Fewer or more vectors than the header or the vocabulary says.
    #[error("found {found} vectors, but {source_of_count} says {expected}")]
    Count {
        /// Vectors in the file.
        found: usize,
        /// How many there should be.
        expected: usize,
        /// `the header` or `vocab.txt`.
        source_of_count: &'static str,
    },
    /// A file that ends inside a vector.
    #[error("the file ends inside the vector of `{word}`")]
    Truncated {
        /// The word.
        word: String,
    },
    /// A tensor file without the one matrix.
    #[error("expected one tensor `embeddings.weight` of shape (words, width), found {found}")]
    Tensor {
        /// What there is.
        found: String,
    },
    /// A compressed file.
    #[error("the file is compressed; unpack it first")]
    Compressed,
}
