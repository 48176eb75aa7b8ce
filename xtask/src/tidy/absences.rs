//! Rule: what must never be linked, however many packages lie between.
//!
//! A model answers without the crates that trained it, and text, data and metrics are usable
//! without a tensor library.

use super::finding::Finding;
use super::graph::Graph;
use super::tree::Tree;

/// Packages that none of `from` may reach.
struct Absence {
    from: &'static [&'static str],
    /// Whether a package, by name, must stay absent.
    is_banned: fn(&str) -> bool,
    remedy: &'static str,
}

const ABSENCES: [Absence; 2] = [
    Absence {
        from: &["mtnet-model", "mtnet-serve", "mtnet-export", "mtnet-attack"],
        is_banned: |name| matches!(name, "mtnet-data" | "mtnet-train" | "mtnet-balance"),
        remedy: "take the value as an argument, or move the type down to mtnet-core",
    },
    Absence {
        from: &[
            "mtnet-core",
            "mtnet-text",
            "mtnet-data",
            "mtnet-metrics",
            "xtask",
        ],
        is_banned: |name| name.starts_with("candle"),
        remedy: "work on plain slices and vectors here, and make tensors in a crate above",
    },
];

/// Judges the whole graph of normal dependencies.
pub fn check(graph: &Graph, tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for absence in &ABSENCES {
        for from in absence.from {
            let Some(way) = graph.way(from, absence.is_banned) else {
                continue;
            };
            let manifest = &graph.members[*from].manifest;
            findings.push(Finding::error(
                manifest,
                tree.line_of(manifest, way[1]),
                format!(
                    "`{from}` reaches `{}`: {}",
                    way[way.len() - 1],
                    way.join(" -> ")
                ),
                absence.remedy,
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::graph::synthetic::graph;
    use super::*;

    #[track_caller]
    fn found(crates: &[(&str, &[&str])]) -> Vec<String> {
        let findings = check(&graph(crates), &Tree { files: Vec::new() });
        findings.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn candle_far_below_a_plain_crate_is_found() {
        let crates: &[(&str, &[&str])] =
            &[("mtnet-text", &["between"]), ("between", &["candle-nn"])];
        assert_eq!(
            found(crates),
            ["`mtnet-text` reaches `candle-nn`: mtnet-text -> between -> candle-nn"]
        );
    }

    #[test]
    fn training_below_the_model_is_found() {
        let crates: &[(&str, &[&str])] = &[
            ("mtnet-model", &["mtnet-heads"]),
            ("mtnet-heads", &["mtnet-train"]),
        ];
        assert_eq!(
            found(crates),
            ["`mtnet-model` reaches `mtnet-train`: mtnet-model -> mtnet-heads -> mtnet-train"]
        );
    }

    #[test]
    fn allowed_ways_pass() {
        let crates: &[(&str, &[&str])] = &[
            ("mtnet-train", &["mtnet-model", "mtnet-data"]),
            ("mtnet-model", &["candle-core", "mtnet-core"]),
            ("mtnet-data", &["mtnet-core"]),
            ("mtnet-core", &["serde"]),
        ];
        assert!(found(crates).is_empty());
    }
}
