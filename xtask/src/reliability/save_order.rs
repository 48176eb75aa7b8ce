//! R03: the order of system calls of saves, seen by `strace`.
//!
//! Every file written into an unfinished checkpoint is synced before the rename that commits it,
//! its folder as well, and the parent folder is synced after. A kill keeps the page cache, so only
//! this order says what a power cut leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Verdict;
use super::cargo_tests::{last_lines, output};
use crate::cargo::root;

/// Traces a run with 20 saves of the program that the tests start, and judges each save.
pub fn run() -> Result<Verdict> {
    if Command::new("strace").arg("-V").output().is_err() {
        return Ok(Verdict::Absent("strace is not installed".to_owned()));
    }
    let folder = root().join("target/reliability-r03");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing the last trace")?;
    }
    fs::create_dir_all(&folder).context("making a folder for the trace")?;
    let golden = root().join("crates/mtnet/tests/goldens/v1/run.toml");
    let mut trace = Command::new("strace");
    trace
        .args(["-f", "-y", "-qq", "-o"])
        .arg(folder.join("trace"))
        .args([
            "-e",
            "trace=openat,creat,write,fsync,fdatasync,rename,renameat,renameat2",
        ])
        .arg(root().join("target/debug/mtnet"))
        .args(["train", "-q"])
        .arg(golden)
        .args([
            "train.max_steps=20",
            "train.save_steps=1",
            "train.eval_strategy=no",
        ])
        .arg("--output")
        .arg(folder.join("run"));
    let (success, text) = output(&mut trace)?;
    if !success {
        return Ok(Verdict::Failed(last_lines(&text)));
    }
    let calls = fs::read_to_string(folder.join("trace")).context("reading the trace")?;
    Ok(match judge(&calls) {
        Ok(saves) if saves >= 20 => Verdict::Passed(format!(
            "{saves} of {saves} saves: every file and the folder synced before the rename, the parent after"
        )),
        Ok(saves) => Verdict::Failed(format!("only {saves} saves in the trace")),
        Err(problem) => Verdict::Failed(problem),
    })
}

/// The number of saves, or what is out of order.
fn judge(calls: &str) -> Result<usize, String> {
    // Of each path of a checkpoint in the making: whether all that was written is synced.
    let mut synced: BTreeMap<String, bool> = BTreeMap::new();
    let mut waiting: Option<String> = None;
    let mut saves = BTreeSet::new();
    for call in calls.lines() {
        let call = call
            .split_once(' ')
            .map_or(call, |(_, call)| call.trim_start());
        let (name, rest) = call.split_once('(').unwrap_or((call, ""));
        let described = || {
            let start = rest.find('<')? + 1;
            let end = start + rest[start..].find('>')?;
            Some(rest[start..end].to_owned())
        };
        match name {
            "write" => {
                if let Some(path) = described().filter(|path| path.contains(".tmp-")) {
                    synced.insert(path, false);
                }
            }
            "fsync" | "fdatasync" => {
                let Some(path) = described() else { continue };
                if waiting.as_deref() == Some(&path) {
                    waiting = None;
                }
                if path.contains(".tmp-") {
                    synced.insert(path, true);
                }
            }
            "rename" | "renameat" | "renameat2" => {
                let mut paths = rest.split('"').skip(1).step_by(2);
                let (Some(from), Some(to)) = (paths.next(), paths.next()) else {
                    continue;
                };
                let commits = from.contains("/checkpoint-")
                    && from.contains(".tmp-")
                    && !to.contains(".tmp-");
                if !commits {
                    continue;
                }
                if let Some(parent) = &waiting {
                    return Err(format!("{parent} was not synced before the next commit"));
                }
                let of_this = synced.iter().filter(|(path, _)| path.starts_with(from));
                let all: Vec<_> = of_this.collect();
                if let Some((path, _)) = all.iter().find(|(_, synced)| !**synced) {
                    return Err(format!("{path} was renamed before it was synced"));
                }
                if synced.get(from) != Some(&true) {
                    return Err(format!(
                        "the folder {from} was renamed before it was synced"
                    ));
                }
                if all.len() < 3 {
                    return Err(format!("{from} was renamed with {} files", all.len()));
                }
                waiting = to.rsplit_once('/').map(|(parent, _)| parent.to_owned());
                saves.insert(to.to_owned());
            }
            _ => {}
        }
    }
    match waiting {
        Some(parent) => Err(format!("{parent} was not synced after the last commit")),
        None => Ok(saves.len()),
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    const GOOD: &str = r#"7 write(5</r/checkpoint-1.tmp-7/a>, "x", 1) = 1
7 fsync(5</r/checkpoint-1.tmp-7/a>) = 0
7 write(5</r/checkpoint-1.tmp-7/b>, "x", 1) = 1
7 fsync(5</r/checkpoint-1.tmp-7/b>) = 0
7 fsync(6</r/checkpoint-1.tmp-7>) = 0
7 rename("/r/checkpoint-1.tmp-7", "/r/checkpoint-1") = 0
7 fsync(6</r>) = 0
"#;

    #[test]
    fn a_sync_that_is_missing_or_late_is_found() {
        assert_eq!(judge(GOOD), Ok(1));
        for missing in [1, 3, 4, 6] {
            let calls: Vec<&str> = GOOD
                .lines()
                .enumerate()
                .filter(|(line, _)| *line != missing)
                .map(|(_, call)| call)
                .collect();
            assert!(judge(&calls.join("\n")).is_err(), "without line {missing}");
        }
    }
}
