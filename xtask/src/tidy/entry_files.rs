//! Rule: `lib.rs` and `mod.rs` declare and re-export; the work stands in named files.

use super::finding::Finding;
use super::tree::Tree;

/// Keywords that open an item with a body of its own.
const ITEMS: [&str; 10] = [
    "const",
    "enum",
    "fn",
    "impl",
    "macro_rules",
    "static",
    "struct",
    "trait",
    "type",
    "union",
];

/// Judges the entry files of every crate; the first item of each is reported.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .rust()
        .filter(|file| matches!(file.name(), "lib.rs" | "mod.rs"))
    {
        let first = file
            .code_lines()
            .find_map(|(line, code)| Some((line, item(code)?)));
        if let Some((line, keyword)) = first {
            findings.push(Finding::warning(
                &file.path,
                line,
                format!("{} holds a `{keyword}`", file.name()),
                "move it to a file with a name and re-export it",
            ));
        }
    }
    findings
}

/// The keyword of the item that a line at the outermost level opens.
fn item(code: &str) -> Option<&'static str> {
    // What is indented belongs to an item, or to a module inside the file.
    if code.starts_with(char::is_whitespace) {
        return None;
    }
    let words = code.split(|char: char| !(char.is_alphanumeric() || char == '_'));
    let mut words = words.filter(|word| {
        !matches!(
            *word,
            "" | "pub" | "crate" | "super" | "in" | "async" | "unsafe" | "default"
        )
    });
    let first = words.next()?;
    ITEMS.into_iter().find(|item| *item == first)
}

#[cfg(test)]
mod tests {
    use super::super::tree::TextFile;
    use super::*;

    fn found(path: &str, source: &str) -> Vec<(usize, String)> {
        let tree = Tree {
            files: vec![TextFile::new(path, source)],
        };
        check(&tree)
            .into_iter()
            .map(|finding| (finding.line, finding.what))
            .collect()
    }

    #[test]
    fn work_in_an_entry_file_is_reported() {
        let source = "//! Docs.\nmod a;\n\npub(crate) const fn f() {}\n";
        assert_eq!(
            found("a/src/lib.rs", source),
            [(4, "lib.rs holds a `const`".to_owned())]
        );
        assert_eq!(found("a/src/b/mod.rs", "impl A {}").len(), 1);
        assert!(found("a/src/named.rs", source).is_empty());
    }

    #[test]
    fn declarations_and_re_exports_pass() {
        let source = "//! const docs\n#![deny(missing_docs)]\n\nmod a;\npub mod b;\n\n\
                      pub use a::{\n    const_name,\n};\npub use self::b::fn_name;\n\n\
                      pub mod prelude {\n    pub use crate::a::A;\n}\n";
        assert!(found("a/src/lib.rs", source).is_empty());
    }
}
