//! Rule: every crate inherits the lints of the workspace.

use super::finding::Finding;
use super::graph::Graph;
use super::tree::Tree;

/// Holds lints of its own: the workspace denies `unsafe`, and this crate needs it.
const EXCEPTION: &str = "mtnet-kernels";

/// Judges the manifest of every crate of the workspace.
pub fn check(graph: &Graph, tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, member) in &graph.members {
        let manifest = tree.files.iter().find(|file| file.path == member.manifest);
        if name != EXCEPTION && !manifest.is_some_and(|manifest| inherits(&manifest.text)) {
            findings.push(Finding::error(
                &member.manifest,
                tree.line_of(&member.manifest, "[lints"),
                format!("crate `{name}` does not inherit the lints of the workspace"),
                "end the manifest with `[lints]` and `workspace = true`",
            ));
        }
    }
    findings
}

/// Whether `workspace = true` stands in the section `[lints]`.
fn inherits(manifest: &str) -> bool {
    let mut section = "";
    manifest.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            section = line;
        }
        let key: String = line.split_whitespace().collect();
        section == "[lints]" && key == "workspace=true"
    })
}

#[cfg(test)]
mod tests {
    use super::super::graph::synthetic::graph;
    use super::super::tree::TextFile;
    use super::*;

    fn found(name: &str, manifest: &str) -> usize {
        let path = format!("crates/{name}/Cargo.toml");
        let tree = Tree {
            files: vec![TextFile::new(path, manifest)],
        };
        check(&graph(&[(name, &[])]), &tree).len()
    }

    #[test]
    fn a_crate_without_the_workspaces_lints_is_found() {
        assert_eq!(found("mtnet-core", "[package]\nname = \"a\"\n"), 1);
        assert_eq!(
            found(
                "mtnet-core",
                "[lints]\n[package.metadata]\nworkspace = true\n"
            ),
            1
        );
        assert_eq!(
            found(
                "mtnet-core",
                "[lints]\n# workspace = true\nworkspace = false\n"
            ),
            1
        );
    }

    #[test]
    fn inheriting_crates_and_the_kernels_pass() {
        assert_eq!(
            found(
                "mtnet-core",
                "[package]\nname = \"a\"\n\n[lints]\nworkspace=true\n"
            ),
            0
        );
        assert_eq!(
            found("mtnet-kernels", "[lints.rust]\nmissing_docs = \"warn\"\n"),
            0
        );
    }
}
