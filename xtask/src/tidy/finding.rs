//! What a rule has to say.

use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Reported; the check passes.
    Warning,
    /// The check fails.
    Error,
}

/// One place where the tree breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the workspace.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// Whether it fails the check.
    pub weight: Weight,
    /// What was found.
    pub what: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Finding {
    /// A finding that fails the check.
    pub fn error(path: &str, line: usize, what: String, remedy: &'static str) -> Self {
        Self {
            path: path.into(),
            line,
            weight: Weight::Error,
            what,
            remedy,
        }
    }

    /// A finding that is only reported.
    pub fn warning(path: &str, line: usize, what: String, remedy: &'static str) -> Self {
        Self {
            weight: Weight::Warning,
            ..Self::error(path, line, what, remedy)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Warning => "warning",
            Weight::Error => "error",
        };
        let Self {
            path,
            line,
            what,
            remedy,
            ..
        } = self;
        write!(f, "{path}:{line}: {weight}: {what}\n    remedy: {remedy}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_what_to_do() {
        let finding = Finding::error("a/b.rs", 7, "no docs".into(), "write some");
        assert_eq!(
            finding.to_string(),
            "a/b.rs:7: error: no docs\n    remedy: write some"
        );
    }
}
