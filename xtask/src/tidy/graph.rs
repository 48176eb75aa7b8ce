//! Who depends on whom, from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::cargo::Cargo;

/// The normal dependencies of the workspace: not those of tests, examples and build scripts.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The workspace's own crates, by name.
    pub members: BTreeMap<String, Member>,
    /// What every package of the build depends on. Versions of one package count as one.
    resolved: BTreeMap<String, BTreeSet<String>>,
}

/// A crate of the workspace.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its manifest, relative to the workspace.
    pub manifest: String,
    /// What the manifest names, optional dependencies and those of other platforms included.
    pub declared: BTreeSet<String>,
}

impl Graph {
    /// Asks cargo.
    ///
    /// # Errors
    /// If cargo fails, or answers with something else than its metadata.
    pub fn read(cargo: &Cargo) -> Result<Self> {
        // Of this platform alone: packages of others need not be downloaded for a build.
        let version = Command::new("rustc")
            .arg("-vV")
            .output()
            .context("starting `rustc`")?;
        let version = String::from_utf8_lossy(&version.stdout);
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("`rustc -vV` names no host")?;

        let mut command = cargo.command("metadata");
        command.args([
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            host,
        ]);
        let output = command.output().context("starting `cargo metadata`")?;
        ensure!(
            output.status.success(),
            "`cargo metadata` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let metadata = serde_json::from_slice(&output.stdout).context("reading cargo metadata")?;
        Self::from_metadata(&metadata)
    }

    /// Reads metadata of format version 1.
    ///
    /// # Errors
    /// If a field is missing.
    pub fn from_metadata(metadata: &Value) -> Result<Self> {
        let mut names = BTreeMap::new();
        for package in list(metadata, "packages")? {
            names.insert(text(package, "id")?, text(package, "name")?);
        }
        let own: BTreeSet<_> = list(metadata, "workspace_members")?
            .iter()
            .filter_map(Value::as_str)
            .collect();

        let root = text(metadata, "workspace_root")?;
        let mut members = BTreeMap::new();
        for package in list(metadata, "packages")? {
            if own.contains(text(package, "id")?) {
                let member = Member::from_package(package, root)?;
                members.insert(text(package, "name")?.to_owned(), member);
            }
        }

        let mut resolved: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in list(&metadata["resolve"], "nodes")? {
            let name = *names
                .get(text(node, "id")?)
                .context("a node without a package")?;
            let edges = resolved.entry(name.to_owned()).or_default();
            for dependency in list(node, "deps")? {
                if list(dependency, "dep_kinds")?
                    .iter()
                    .any(|kind| kind["kind"].is_null())
                {
                    let target = names.get(text(dependency, "pkg")?);
                    edges.insert((*target.context("a dependency without a package")?).to_owned());
                }
            }
        }
        Ok(Self { members, resolved })
    }

    /// The shortest way from the crate `from` to a package that `is_wanted`, both ends included.
    pub fn way(&self, from: &str, is_wanted: impl Fn(&str) -> bool) -> Option<Vec<&str>> {
        let (start, _) = self.members.get_key_value(from)?;
        let mut ways = VecDeque::from([vec![start.as_str()]]);
        let mut seen = BTreeSet::from([start.as_str()]);
        while let Some(way) = ways.pop_front() {
            let last = *way.last()?;
            if last != from && is_wanted(last) {
                return Some(way);
            }
            for next in self.dependencies(last) {
                if seen.insert(next) {
                    ways.push_back([way.as_slice(), &[next]].concat());
                }
            }
        }
        None
    }

    /// What `package` depends on: as resolved, and of our own crates also as declared, so that
    /// an optional dependency counts while its feature is off.
    fn dependencies(&self, package: &str) -> impl Iterator<Item = &str> {
        let resolved = self.resolved.get(package).into_iter().flatten();
        let declared = self
            .members
            .get(package)
            .into_iter()
            .flat_map(|member| &member.declared);
        resolved.chain(declared).map(String::as_str)
    }
}

impl Member {
    fn from_package(package: &Value, root: &str) -> Result<Self> {
        let manifest = text(package, "manifest_path")?.replace('\\', "/");
        let root = root.replace('\\', "/");
        let manifest = manifest
            .strip_prefix(&root)
            .with_context(|| format!("{manifest} lies outside {root}"))?
            .trim_start_matches('/')
            .to_owned();
        let mut declared = BTreeSet::new();
        for dependency in list(package, "dependencies")? {
            if dependency["kind"].is_null() {
                declared.insert(text(dependency, "name")?.to_owned());
            }
        }
        Ok(Self { manifest, declared })
    }
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value]> {
    let list = value[key]
        .as_array()
        .with_context(|| format!("metadata without `{key}`"))?;
    Ok(list)
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key]
        .as_str()
        .with_context(|| format!("metadata without `{key}`"))
}

/// Graphs for the tests of the rules.
#[cfg(test)]
pub mod synthetic {
    use serde_json::{Value, json};

    use super::Graph;

    /// The metadata of crates with their normal dependencies; who is not listed is from outside.
    pub fn metadata(crates: &[(&str, &[&str])]) -> Value {
        let mut names: Vec<&str> = crates.iter().map(|(name, _)| *name).collect();
        for dependency in crates.iter().flat_map(|(_, dependencies)| *dependencies) {
            if !names.contains(dependency) {
                names.push(dependency);
            }
        }
        let of = |name: &str| {
            let row = crates.iter().find(|(listed, _)| *listed == name);
            row.map_or(&[] as &[&str], |(_, dependencies)| dependencies)
        };
        let is_ours = |name: &&&str| name.starts_with("mtnet") || name.starts_with("xtask");
        let packages: Vec<Value> = names
            .iter()
            .map(|name| {
                let declared: Vec<_> = of(name)
                    .iter()
                    .map(|to| json!({"name": to, "kind": null}))
                    .collect();
                let manifest = format!("/w/crates/{name}/Cargo.toml");
                let id = format!("id+{name}");
                json!({"name": name, "id": id, "manifest_path": manifest, "dependencies": declared})
            })
            .collect();
        let nodes: Vec<Value> = names
            .iter()
            .map(|name| {
                let edge = |to: &&str| {
                    let id = format!("id+{to}");
                    json!({"name": to, "pkg": id, "dep_kinds": [{"kind": null, "target": null}]})
                };
                let deps: Vec<_> = of(name).iter().map(edge).collect();
                json!({"id": format!("id+{name}"), "deps": deps})
            })
            .collect();
        let members: Vec<String> = names
            .iter()
            .filter(is_ours)
            .map(|name| format!("id+{name}"))
            .collect();
        json!({
            "workspace_root": "/w",
            "workspace_members": members,
            "packages": packages,
            "resolve": {"nodes": nodes},
        })
    }

    /// The graph of [`metadata`].
    pub fn graph(crates: &[(&str, &[&str])]) -> Graph {
        Graph::from_metadata(&metadata(crates)).expect("well-formed metadata")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: [(&str, &[&str]); 3] = [
        ("mtnet-a", &["mtnet-b"]),
        ("mtnet-b", &["between"]),
        ("between", &["candle-core"]),
    ];

    #[test]
    fn ways_lead_through_our_crates_and_others() {
        let graph = synthetic::graph(&CHAIN);
        let way = graph.way("mtnet-a", |name| name == "candle-core");
        assert_eq!(
            way,
            Some(vec!["mtnet-a", "mtnet-b", "between", "candle-core"])
        );
        assert_eq!(graph.way("mtnet-b", |name| name == "mtnet-a"), None);
        assert_eq!(graph.way("absent", |_| true), None);
    }

    #[test]
    fn members_know_their_manifest_and_what_it_names() {
        let graph = synthetic::graph(&CHAIN);
        assert_eq!(
            graph.members.keys().collect::<Vec<_>>(),
            ["mtnet-a", "mtnet-b"]
        );
        assert_eq!(
            graph.members["mtnet-b"].manifest,
            "crates/mtnet-b/Cargo.toml"
        );
        assert_eq!(
            graph.members["mtnet-b"].declared,
            BTreeSet::from(["between".to_owned()])
        );
    }

    #[test]
    fn dependencies_of_tests_and_build_scripts_do_not_count() {
        let mut metadata = synthetic::metadata(&CHAIN);
        metadata["packages"][1]["dependencies"][0]["kind"] = "dev".into();
        metadata["resolve"]["nodes"][1]["deps"][0]["dep_kinds"][0]["kind"] = "build".into();
        let graph = Graph::from_metadata(&metadata).expect("well-formed metadata");
        assert_eq!(graph.way("mtnet-a", |name| name == "between"), None);
        assert!(graph.members["mtnet-b"].declared.is_empty());
    }

    #[test]
    fn an_optional_dependency_counts_while_its_feature_is_off() {
        let mut metadata = synthetic::metadata(&CHAIN);
        metadata["resolve"]["nodes"][0]["deps"] = Value::Array(Vec::new());
        let graph = Graph::from_metadata(&metadata).expect("well-formed metadata");
        assert!(graph.way("mtnet-a", |name| name == "mtnet-b").is_some());
    }

    #[test]
    fn other_json_is_refused() {
        let error = Graph::from_metadata(&serde_json::json!({})).expect_err("no metadata");
        assert!(error.to_string().contains("`packages`"), "{error}");
    }
}
