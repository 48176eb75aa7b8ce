//! Rule: nothing half-done is committed: no stubs, no debug prints, no ignored tests.

use super::code::{after_word, has_word};
use super::finding::Finding;
use super::tree::Tree;

const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Judges every Rust source.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for (line, code) in file.code_lines() {
            if let Some(name) = MACROS.iter().find(|name| calls(code, name)) {
                findings.push(Finding::error(
                    &file.path,
                    line,
                    format!("`{name}!` left behind"),
                    "finish the code or take it out",
                ));
            }
            if ignores_test(code) {
                findings.push(Finding::error(
                    &file.path,
                    line,
                    "an ignored test".into(),
                    "make it run, or let it pass with a message where what it needs is missing",
                ));
            }
        }
    }
    findings
}

/// Whether the line calls the macro `name`, with any space before the `!`.
fn calls(code: &str, name: &str) -> bool {
    after_word(code, name).any(|after| {
        let after = after.trim_start();
        after.starts_with('!') && !after.starts_with("!=")
    })
}

/// `#[ignore…]`, or `ignore` behind a condition.
fn ignores_test(code: &str) -> bool {
    let code = code.trim_start();
    (code.starts_with("#[ignore") || code.starts_with("#[cfg_attr")) && has_word(code, "ignore")
}

#[cfg(test)]
mod tests {
    use super::super::tree::TextFile;
    use super::*;

    fn lines(source: &str) -> Vec<usize> {
        let tree = Tree {
            files: vec![TextFile::new("crates/a/tests/it/main.rs", source)],
        };
        check(&tree)
            .into_iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn leftovers_are_found() {
        let source = "fn f() {\n    todo!()\n}\nfn g() -> u8 {\n    unimplemented ! (\"later\")\n}\n\
                      #[test]\n#[ignore = \"slow\"]\nfn h() {\n    dbg!(1);\n}\n\
                      #[cfg_attr(unix, ignore)]\n";
        assert_eq!(lines(source), [2, 5, 8, 10, 12]);
    }

    #[test]
    fn words_in_comments_strings_and_names_pass() {
        let source = "//! No todo!() here.\nlet todo = \"dbg!(1)\";\nif todo != 1 {}\n\
                      #[serde(skip)]\nlet ignore = 1;\nmy_todo!();\n";
        assert!(lines(source).is_empty());
    }
}
