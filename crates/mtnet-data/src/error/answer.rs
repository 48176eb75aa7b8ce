//! Answers that are not where they are said to be.

use std::fmt;

/// An answer that its text does not hold at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongAnswer {
    /// Number of the answer, from 1.
    pub number: usize,
    /// The answer as given, a long one cut.
    pub text: String,
    /// Its first character as given.
    pub start: usize,
    /// What the text reads there.
    pub found: String,
    /// Where the answer does begin, nearest to there.
    pub nearest: Option<usize>,
}

impl fmt::Display for WrongAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "answer {} is `{}`, but at character {} the text reads `{}`; ",
            self.number, self.text, self.start, self.found
        )?;
        match self.nearest {
            Some(at) => write!(f, "the nearest occurrence begins at {at}")?,
            None => f.write_str("the text does not hold it anywhere")?,
        }
        f.write_str("; count Unicode characters from 0, and keep blanks as they are")
    }
}
