//! Rule: `unsafe` stands in the kernels and nowhere else.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::code::has_word;
use super::finding::Finding;
use super::tree::Tree;

/// How many lines hold `unsafe`, by the folder of their crate.
///
/// # Errors
/// If the workspace cannot be read.
pub fn counts(root: &Path) -> Result<BTreeMap<String, usize>> {
    let tree = Tree::read(root)?;
    let mut counts = BTreeMap::new();
    for file in tree.rust() {
        let lines = file.code_lines();
        let count = lines.filter(|(_, code)| has_word(code, "unsafe")).count();
        if count > 0 {
            let mut parts = file.path.split('/');
            let first = parts.next().unwrap_or_default();
            let name = match first {
                "crates" => parts.next().unwrap_or_default(),
                other => other,
            };
            *counts.entry(name.to_owned()).or_default() += count;
        }
    }
    Ok(counts)
}

/// Judges every Rust source outside the kernels.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .rust()
        .filter(|file| !file.path.starts_with("crates/mtnet-kernels/"))
    {
        for (line, _) in file
            .code_lines()
            .filter(|(_, code)| has_word(code, "unsafe"))
        {
            findings.push(Finding::error(
                &file.path,
                line,
                "`unsafe` outside mtnet-kernels".into(),
                "write it safely, or put a safe function for it into mtnet-kernels",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::TextFile;
    use super::*;

    #[test]
    fn unsafe_code_is_found_outside_the_kernels() {
        let source = "//! Nothing unsafe.\nfn f() {\n    unsafe { g() }\n}\n";
        let files = [
            "crates/mtnet-kernels/src/a.rs",
            "crates/mtnet-text/src/a.rs",
            "a.md",
        ];
        let files = files
            .iter()
            .map(|path| TextFile::new(*path, source))
            .collect();
        let findings = check(&Tree { files });
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(
            (&*findings[0].path, findings[0].line),
            ("crates/mtnet-text/src/a.rs", 3)
        );
    }
}
