//! What can be wrong with a shared value.

/// Why a value of this crate could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// A task or data set name holds a character that file names and tensor names could not carry.
    #[error(
        "{kind} name `{name}`: expected 1 to 64 of a-z, A-Z, 0-9, `-` and `_`, starting with a letter or digit"
    )]
    Name {
        /// What is named: `task` or `data set`.
        kind: &'static str,
        /// The name as given.
        name: String,
    },
    /// There is nothing to choose between.
    #[error("a label set needs at least one label, got none")]
    NoLabels,
    /// Two columns would mean the same label.
    #[error("label `{0}` given twice; labels of one set must differ")]
    DuplicateLabel(String),
    /// Offsets that do not describe consecutive, non-empty sequences.
    #[error(
        "offsets must start at 0 and never fall, found {found} after {before} at position {position}"
    )]
    Offsets {
        /// Index into the offsets.
        position: usize,
        /// The value before it (0 expected at the start).
        before: u32,
        /// The offending value.
        found: u32,
    },
    /// A word's byte range does not lie on character borders inside its text.
    #[error(
        "word {word} has bytes {start}..{end}, which is no slice of the text of {length} bytes, or starts before the previous word ends"
    )]
    WordRange {
        /// Index of the word.
        word: usize,
        /// First byte.
        start: usize,
        /// Byte behind the last.
        end: usize,
        /// Length of the text in bytes.
        length: usize,
    },
    /// A split that is none of the three.
    #[error("unknown split `{0}`, expected `train`, `dev` or `test`")]
    Split(String),
}
