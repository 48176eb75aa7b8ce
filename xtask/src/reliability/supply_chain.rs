//! R36: where `unsafe` stands, and what `cargo deny` says of the dependencies.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use super::Verdict;
use super::cargo_tests::{last_lines, output};
use crate::cargo::{Cargo, root};
use crate::tidy::unsafe_counts;

/// The one crate that may hold `unsafe`.
const KERNELS: &str = "mtnet-kernels";

/// What cargo-deny says where it cannot fetch the advisories.
const NO_LIST: &str = "failed to fetch advisory database";

/// Counts `unsafe`, then asks cargo-deny where it is installed.
pub fn run(cargo: &Cargo) -> Result<Verdict> {
    let counts: BTreeMap<String, usize> = unsafe_counts(&root())?;
    ensure!(
        !counts.is_empty(),
        "the kernels have `unsafe`, which was not found"
    );
    if let Some((other, count)) = counts.iter().find(|(name, _)| *name != KERNELS) {
        return Ok(Verdict::Failed(format!(
            "{count} lines with `unsafe` in {other}"
        )));
    }
    let found = format!("{} lines with `unsafe`, all in {KERNELS}", counts[KERNELS]);
    let (installed, _) = output(cargo.command("deny").arg("--version"))?;
    if !installed {
        return Ok(Verdict::Passed(format!(
            "{found}; dependencies not judged: cargo-deny is not installed"
        )));
    }
    let deny = |check: &[&str]| {
        let mut deny = cargo.command("deny");
        deny.arg("check").args(check);
        output(&mut deny)
    };
    let (success, rules) = deny(&["bans", "licenses", "sources"])?;
    if !success {
        return Ok(Verdict::Failed(last_lines(&rules)));
    }
    let (success, advisories) = deny(&["advisories"])?;
    let rules = summary(&rules);
    Ok(match success {
        true => Verdict::Passed(format!("{found}; cargo deny: advisories ok, {rules}")),
        // Without a network there is no list of advisories to judge by.
        false if advisories.contains(NO_LIST) => Verdict::Passed(format!(
            "{found}; cargo deny: {rules}; advisories not judged, their list cannot be fetched"
        )),
        false => Verdict::Failed(last_lines(&advisories)),
    })
}

/// The last line, such as `bans ok, licenses ok, sources ok`.
fn summary(text: &str) -> &str {
    let mut lines = text.lines().rev().map(str::trim);
    lines
        .find(|line| line.contains(" ok"))
        .unwrap_or("no complaint")
}
