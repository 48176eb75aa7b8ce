//! Rule: a crate depends only on the crates of the project that the design puts below it.

use super::finding::Finding;
use super::graph::Graph;
use super::tree::Tree;

/// What a crate may depend on among the project's own.
enum Below {
    /// These alone.
    Only(&'static [&'static str]),
    /// All of them.
    Any,
}

use Below::{Any, Only};

/// The arrows of `docs/architecture.md`, from each crate to those it may use.
const ARROWS: [(&str, Below); 23] = [
    ("mtnet-core", Only(&[])),
    ("mtnet-metrics", Only(&[])),
    ("mtnet-report", Only(&["mtnet-metrics"])),
    ("mtnet-text", Only(&["mtnet-core"])),
    ("mtnet-data", Only(&["mtnet-core", "mtnet-text"])),
    ("mtnet-baselines", Only(&["mtnet-core"])),
    ("mtnet-kernels", Only(&["mtnet-core"])),
    ("mtnet-encoders", Only(&["mtnet-core", "mtnet-kernels"])),
    ("mtnet-losses", Only(&["mtnet-kernels"])),
    ("mtnet-balance", Only(&["mtnet-core"])),
    (
        "mtnet-heads",
        Only(&[
            "mtnet-core",
            "mtnet-kernels",
            "mtnet-losses",
            "mtnet-metrics",
        ]),
    ),
    (
        "mtnet-model",
        Only(&[
            "mtnet-core",
            "mtnet-encoders",
            "mtnet-heads",
            "mtnet-kernels",
            "mtnet-metrics",
            "mtnet-text",
        ]),
    ),
    (
        "mtnet-attack",
        Only(&[
            "mtnet-core",
            "mtnet-encoders",
            "mtnet-heads",
            "mtnet-kernels",
            "mtnet-metrics",
            "mtnet-model",
            "mtnet-text",
        ]),
    ),
    (
        "mtnet-export",
        Only(&[
            "mtnet-core",
            "mtnet-encoders",
            "mtnet-heads",
            "mtnet-kernels",
            "mtnet-model",
            "mtnet-text",
        ]),
    ),
    (
        "mtnet-serve",
        Only(&[
            "mtnet-core",
            "mtnet-encoders",
            "mtnet-heads",
            "mtnet-metrics",
            "mtnet-model",
            "mtnet-text",
        ]),
    ),
    (
        "mtnet-train",
        Only(&[
            "mtnet-balance",
            "mtnet-core",
            "mtnet-data",
            "mtnet-encoders",
            "mtnet-heads",
            "mtnet-kernels",
            "mtnet-losses",
            "mtnet-metrics",
            "mtnet-model",
            "mtnet-report",
            "mtnet-text",
        ]),
    ),
    (
        "mtnet-compare",
        Only(&[
            "mtnet-balance",
            "mtnet-baselines",
            "mtnet-core",
            "mtnet-data",
            "mtnet-encoders",
            "mtnet-heads",
            "mtnet-metrics",
            "mtnet-model",
            "mtnet-train",
        ]),
    ),
    (
        "mtnet-tune",
        Only(&[
            "mtnet-core",
            "mtnet-heads",
            "mtnet-metrics",
            "mtnet-model",
            "mtnet-train",
        ]),
    ),
    (
        "mtnet-extend",
        Only(&[
            "mtnet-compare",
            "mtnet-core",
            "mtnet-data",
            "mtnet-encoders",
            "mtnet-heads",
            "mtnet-kernels",
            "mtnet-metrics",
            "mtnet-model",
            "mtnet-train",
        ]),
    ),
    ("mtnet", Any),
    ("mtnet-fuzz", Any),
    ("mtnet-benches", Any),
    ("xtask", Only(&[])),
];

/// Judges the manifest of every crate of the workspace.
pub fn check(graph: &Graph, tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, member) in &graph.members {
        let Some((_, below)) = ARROWS.iter().find(|(listed, _)| listed == name) else {
            findings.push(Finding::error(
                &member.manifest,
                tree.line_of(&member.manifest, "name"),
                format!("crate `{name}` has no row in the table of arrows"),
                "add it to ARROWS in xtask/src/tidy/arrows.rs and to docs/architecture.md",
            ));
            continue;
        };
        let Only(below) = below else { continue };
        let ours = member
            .declared
            .iter()
            .filter(|to| *to == "mtnet" || to.starts_with("mtnet-"));
        for to in ours.filter(|to| !below.contains(&to.as_str())) {
            findings.push(Finding::error(
                &member.manifest,
                tree.line_of(&member.manifest, to),
                format!("`{name}` may not depend on `{to}`"),
                "move the code to the crate that owns it; a new arrow is a decision of its own, \
                 made in docs/architecture.md and in xtask/src/tidy/arrows.rs",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::graph::synthetic::graph;
    use super::super::tree::TextFile;
    use super::*;

    #[test]
    fn a_forbidden_arrow_is_found_on_its_line() {
        let graph = graph(&[
            ("mtnet-core", &["serde", "mtnet-data"]),
            ("mtnet-data", &[]),
        ]);
        let manifest = "[dependencies]\nserde.workspace = true\nmtnet-data.workspace = true\n";
        let manifest = TextFile::new("crates/mtnet-core/Cargo.toml", manifest);
        let findings = check(
            &graph,
            &Tree {
                files: vec![manifest],
            },
        );
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].path, "crates/mtnet-core/Cargo.toml");
        assert_eq!(findings[0].line, 3);
        assert_eq!(
            findings[0].what,
            "`mtnet-core` may not depend on `mtnet-data`"
        );
    }

    #[test]
    fn xtask_depends_on_no_crate_of_the_project() {
        let graph = graph(&[("xtask", &["clap", "mtnet"]), ("mtnet", &[])]);
        assert_eq!(check(&graph, &Tree { files: Vec::new() }).len(), 1);
    }

    #[test]
    fn allowed_arrows_pass() {
        let graph = graph(&[
            ("mtnet-core", &["serde"]),
            ("mtnet-text", &["mtnet-core", "tokenizers"]),
            ("mtnet", &["mtnet-core", "mtnet-text"]),
            ("mtnet-benches", &["mtnet-core"]),
        ]);
        assert_eq!(check(&graph, &Tree { files: Vec::new() }), []);
    }

    #[test]
    fn a_new_crate_needs_a_row() {
        let graph = graph(&[("mtnet-news", &[])]);
        let findings = check(&graph, &Tree { files: Vec::new() });
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].what.contains("`mtnet-news` has no row"),
            "{findings:?}"
        );
    }
}
