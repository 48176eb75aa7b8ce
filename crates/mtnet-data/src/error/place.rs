//! Where in a data file something is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A line of a data file, written `file:line` as editors understand it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; where a format has no lines, the number of the row or question.
    pub line: usize,
    /// Where in the file's own structure, such as `article 2, paragraph 1`.
    pub within: Option<Arc<String>>,
}

impl Place {
    /// That line of that file.
    pub fn new(file: impl AsRef<Path>, line: usize) -> Self {
        Self {
            file: file.as_ref().to_owned(),
            line,
            within: None,
        }
    }

    /// The same place, told by the file's own structure as well.
    #[must_use]
    pub fn within(mut self, within: Option<&Arc<String>>) -> Self {
        self.within = within.cloned();
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)?;
        match &self.within {
            Some(within) => write!(f, " ({within})"),
            None => Ok(()),
        }
    }
}
