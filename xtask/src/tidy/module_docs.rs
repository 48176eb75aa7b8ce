//! Rule: every source file of a crate opens with `//!`, saying what it is for.

use super::finding::Finding;
use super::tree::{TextFile, Tree};

/// Judges the sources of the crates, of the benches and of xtask.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let sources = tree.rust().filter(|file| is_module(&file.path));
    sources
        .filter(|file| !file.text.starts_with("//!"))
        .map(finding)
        .collect()
}

fn is_module(path: &str) -> bool {
    let in_crate = path
        .strip_prefix("crates/")
        .and_then(|path| path.split_once('/'));
    path.starts_with("xtask/src/")
        || path.starts_with("benches/")
        || in_crate.is_some_and(|(_, path)| path.starts_with("src/"))
}

fn finding(file: &TextFile) -> Finding {
    Finding::error(
        &file.path,
        1,
        "the file does not open with `//!`".into(),
        "say in the first lines what the module computes, with formula and source where it has one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_docs_are_found() {
        let bare = "use std::fmt;\n//! Too late.\n";
        let files = [
            ("crates/mtnet-core/src/deep/a.rs", bare),
            ("crates/mtnet-core/src/b.rs", "//! Good.\n"),
            ("crates/mtnet-core/tests/it/main.rs", bare),
            ("benches/src/main.rs", bare),
            ("xtask/src/main.rs", bare),
            ("docs/notes.md", bare),
        ];
        let files = files
            .iter()
            .map(|(path, text)| TextFile::new(*path, *text))
            .collect();
        let found: Vec<_> = check(&Tree { files })
            .into_iter()
            .map(|found| found.path)
            .collect();
        let expected = [
            "crates/mtnet-core/src/deep/a.rs",
            "benches/src/main.rs",
            "xtask/src/main.rs",
        ];
        assert_eq!(found, expected);
    }
}
