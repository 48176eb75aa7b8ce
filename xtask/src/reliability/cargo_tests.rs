//! Integration tests of the packages, built once for the whole workspace as `cargo xtask test` builds
//! them, and run at a tier with the figures that they print.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Tier, Verdict};
use crate::cargo::Cargo;

/// The test binary `it` of each package, by the package's name.
#[derive(Clone, Debug)]
pub struct Binaries(BTreeMap<String, PathBuf>);

impl Binaries {
    /// Builds them, and the programs that they start.
    ///
    /// # Errors
    /// If cargo cannot be started, or does not succeed.
    pub fn build(cargo: &Cargo) -> Result<Self> {
        let mut command = cargo.compile("test");
        command
            .args(["--workspace", "--locked", "--test", "it", "--no-run"])
            .args(["--message-format", "json-render-diagnostics"])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        let output = command.output().context("starting cargo")?;
        if !output.status.success() {
            bail!("the tests do not build");
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(Self(text.lines().filter_map(artifact).collect()))
    }

    /// Runs the tests of a package whose names hold `filter`, one at a time.
    ///
    /// # Errors
    /// If there is no such package, or its binary cannot be started.
    pub fn run(&self, tier: Tier, name: &str, package: &str, filter: &str) -> Result<Verdict> {
        let Some(binary) = self.0.get(package) else {
            bail!("`{package}` has no test binary `it`");
        };
        let mut command = Command::new(binary);
        command
            .args([filter, "--test-threads", "1"])
            .current_dir(crate::cargo::root().join("crates").join(package))
            .env("MTNET_RELIABILITY", tier.name());
        output(&mut command).map(|(success, text)| judge(success, &text, name))
    }
}

/// Package and binary of a line of cargo's messages, where it is of a test binary.
fn artifact(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["target"]["name"] != "it" {
        return None;
    }
    let executable = message["executable"].as_str()?;
    // Every crate lies in a folder of its name.
    let package = Path::new(message["manifest_path"].as_str()?)
        .parent()?
        .file_name()?;
    Some((package.to_str()?.to_owned(), executable.into()))
}

/// Whether a program succeeded, and all that it wrote.
///
/// # Errors
/// If it cannot be started.
pub fn output(command: &mut Command) -> Result<(bool, String)> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting `{}`", command.get_program().display()))?;
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    Ok((output.status.success(), text.concat()))
}

fn judge(success: bool, text: &str, name: &str) -> Verdict {
    let prefix = format!("reliability {name}: ");
    let figures: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(&prefix))
        .collect();
    if !success {
        return Verdict::Failed(last_lines(text));
    }
    if figures.is_empty() {
        return Verdict::Failed(format!("no test printed a figure:\n{}", last_lines(text)));
    }
    let (absent, passed): (Vec<&str>, Vec<&str>) = figures
        .iter()
        .partition(|figure| figure.starts_with("not measured: "));
    match passed.is_empty() {
        true => Verdict::Absent(absent.join("; ").replace("not measured: ", "")),
        false => Verdict::Passed(passed.join("; ")),
    }
}

/// The end of what a program wrote.
pub fn last_lines(text: &str) -> String {
    const SHOWN: usize = 40;
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_test_without_a_figure_has_not_been_run() {
        let text = "running 1 test\n\nreliability R12: 500 of 500\n.\n";
        assert_eq!(
            judge(true, text, "R12"),
            Verdict::Passed("500 of 500".to_owned())
        );
        assert!(matches!(judge(true, text, "R13"), Verdict::Failed(_)));
        assert!(matches!(judge(false, text, "R12"), Verdict::Failed(_)));
        let absent = "reliability R09: not measured: no mounts\n";
        assert_eq!(
            judge(true, absent, "R09"),
            Verdict::Absent("no mounts".to_owned())
        );
    }

    #[test]
    fn test_binaries_are_found_in_the_messages_of_cargo() {
        let line = r#"{"reason":"compiler-artifact","manifest_path":"/x/crates/mtnet-data/Cargo.toml","target":{"name":"it"},"executable":"/x/target/it-1"}"#;
        let found = artifact(line).expect("a test binary");
        assert_eq!(found, ("mtnet-data".to_owned(), "/x/target/it-1".into()));
        assert_eq!(artifact(&line.replace("\"it\"", "\"lib\"")), None);
        assert_eq!(artifact("no JSON"), None);
    }
}
