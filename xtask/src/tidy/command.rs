//! Runs every rule over the workspace and prints what they find.

use anyhow::Result;

use super::finding::{Finding, Weight};
use super::graph::Graph;
use super::tree::Tree;
use super::{
    absences, arrows, entry_files, file_length, leftovers, lints, machine_paths, module_docs,
    unsafe_code,
};
use crate::cargo::{Cargo, root};

/// Prints the findings, warnings last, and gives 1 where one of them is an error.
pub fn run(cargo: &Cargo) -> Result<u8> {
    let tree = Tree::read(&root())?;
    let graph = Graph::read(cargo)?;
    let findings = findings(&graph, &tree);
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.weight == Weight::Error)
        .count();
    println!(
        "tidy: {} files and {} crates, {errors} errors, {} warnings",
        tree.files.len(),
        graph.members.len(),
        findings.len() - errors
    );
    Ok(u8::from(errors > 0))
}

fn findings(graph: &Graph, tree: &Tree) -> Vec<Finding> {
    let mut findings = [
        arrows::check(graph, tree),
        absences::check(graph, tree),
        lints::check(graph, tree),
        module_docs::check(tree),
        file_length::check(tree),
        unsafe_code::check(tree),
        leftovers::check(tree),
        entry_files::check(tree),
        machine_paths::check(tree),
    ]
    .concat();
    findings.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.cmp(b)));
    findings
}

#[cfg(test)]
mod tests {
    use super::super::graph::synthetic::graph;
    use super::super::tree::TextFile;
    use super::*;

    #[test]
    fn every_rule_is_asked_and_errors_come_first() {
        let graph = graph(&[
            ("mtnet-core", &["mtnet-text", "candle-core"]),
            ("mtnet-text", &[]),
        ]);
        let source = format!("fn f() {{ unsafe {{ todo!() }} }} // /{}/jane/x\n", "home");
        let files = vec![
            TextFile::new("crates/mtnet-core/src/lib.rs", source + &"\n".repeat(700)),
            TextFile::new(
                "crates/mtnet-text/Cargo.toml",
                "[lints]\nworkspace = true\n",
            ),
        ];
        let findings = findings(&graph, &Tree { files });
        for what in [
            "may not depend on `mtnet-text`",
            "reaches `candle-core`",
            "does not inherit the lints",
            "does not open with",
            "lines, more than 600",
            "`unsafe` outside",
            "`todo!` left behind",
            "lib.rs holds a `fn`",
            "a path of one machine",
        ] {
            let count = findings
                .iter()
                .filter(|finding| finding.what.contains(what))
                .count();
            assert_eq!(count, 1, "{what}");
        }
        assert_eq!(findings.len(), 9, "{findings:#?}");
        assert!(
            findings
                .iter()
                .map(|finding| finding.weight)
                .is_sorted_by(|a, b| a >= b)
        );
    }
}
