//! R34: the whole test suite and the quick start in an empty network namespace, where nothing
//! answers but this machine itself.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Verdict;
use super::cargo_tests::{last_lines, output};
use crate::cargo::{Cargo, root};

/// Builds with what is there, then runs without a network.
pub fn run(cargo: &Cargo) -> Result<Verdict> {
    let alone = Command::new("unshare").args(["--net", "true"]).output();
    if !alone.is_ok_and(|output| output.status.success()) {
        return Ok(Verdict::Absent(
            "`unshare --net` is not allowed here".to_owned(),
        ));
    }
    let folder = root().join("target/reliability-r34");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing the last run")?;
    }
    let mut tests = cargo.compile("test");
    tests.args(["--workspace", "--locked", "--offline"]);
    let mut train = cargo.compile("run");
    train
        .args([
            "--release",
            "--locked",
            "--offline",
            "--package",
            "mtnet",
            "--bin",
            "mtnet",
            "--",
        ])
        .args(["train", "-q"])
        .arg(root().join("recipes/quickstart.toml"))
        .arg("--output")
        .arg(&folder);
    let mut passed = 0;
    for command in [tests, train] {
        let (success, text) = output(&mut without_network(&command))?;
        if !success {
            return Ok(Verdict::Failed(last_lines(&text)));
        }
        passed += count_passed(&text);
    }
    Ok(Verdict::Passed(format!(
        "{passed} tests of the workspace and the quick start pass with loopback alone"
    )))
}

/// The command behind `unshare --net`, with the loopback device up for tests with servers.
fn without_network(command: &Command) -> Command {
    let mut inside = Command::new("unshare");
    inside
        .args(["--net", "sh", "-c"])
        .arg("ip link set lo up 2> /dev/null; exec \"$@\"")
        .arg("sh")
        .arg(command.get_program())
        .args(command.get_args());
    inside
}

/// Tests that cargo's harness counts as passed.
fn count_passed(text: &str) -> usize {
    text.lines()
        .filter_map(|line| line.strip_prefix("test result: ok. "))
        .filter_map(|line| line.split(' ').next()?.parse::<usize>().ok())
        .sum()
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn passed_tests_are_added_up() {
        let text = "test result: ok. 12 passed; 0 failed\nx\ntest result: ok. 3 passed; 0 failed\n";
        assert_eq!(count_passed(text), 15);
    }
}
