//! Rule: a source file is read in one sitting.

use super::finding::Finding;
use super::tree::{TextFile, Tree};

/// Beyond this many lines a file is reported.
const LONG: usize = 400;
/// Beyond this many lines it fails.
const TOO_LONG: usize = 600;
const REMEDY: &str = "split it: one idea a file";

/// Judges every Rust source.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().filter_map(finding).collect()
}

fn finding(file: &TextFile) -> Option<Finding> {
    let lines = file.text.lines().count();
    let what = |limit| format!("{lines} lines, more than {limit}");
    if lines > TOO_LONG {
        Some(Finding::error(&file.path, lines, what(TOO_LONG), REMEDY))
    } else if lines > LONG {
        Some(Finding::warning(&file.path, lines, what(LONG), REMEDY))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Weight;
    use super::*;

    #[test]
    fn both_limits_hold() {
        let weight = |lines| finding(&TextFile::new("a.rs", "x\n".repeat(lines))).map(|f| f.weight);
        assert_eq!(weight(400), None);
        assert_eq!(weight(401), Some(Weight::Warning));
        assert_eq!(weight(600), Some(Weight::Warning));
        assert_eq!(weight(601), Some(Weight::Error));
    }
}
