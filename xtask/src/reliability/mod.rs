//! `reliability`: the tests with numbers, by name, with their figures in a table.
//!
//! A test prints lines `reliability R12: …`; here they are collected, and a test that prints none
//! has not been run. The quick tier stands before every commit, the full one before a release;
//! `docs/reliability.md` keeps the output of the latter.

mod adversarial_training;
mod cargo_tests;
mod offline;
mod save_order;
mod supply_chain;
mod table;
mod tests;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use self::cargo_tests::Binaries;
use self::table::Row;
use self::tests::{TESTS, Test};
use crate::cargo::{Cargo, root};

/// Arguments of `reliability`.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Runs the full tier: every test, with its full count.
    #[arg(long)]
    full: bool,
    /// Lists the tests with their promises.
    #[arg(long)]
    list: bool,
    /// Also writes the table as JSON to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Names such as R01 or R13; all of the tier where there are none.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// How much of each test is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Before every commit.
    Quick,
    /// Before a release.
    Full,
}

impl Tier {
    /// As the environment variable `MTNET_RELIABILITY` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }
}

/// What came of one way of running a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds; the figure.
    Passed(String),
    /// It does not; what was seen.
    Failed(String),
    /// It cannot be run on this machine; why.
    Absent(String),
}

/// Runs the tests of a tier, or those named, and prints their table.
pub fn run(cargo: &Cargo, args: &Args) -> Result<u8> {
    let tier = if args.full { Tier::Full } else { Tier::Quick };
    let chosen = choose(tier, &args.names)?;
    if args.list {
        for test in chosen {
            println!("{}  {:5}  {}", test.name, test.tier.name(), test.promise);
        }
        return Ok(0);
    }
    println!("reliability: building");
    let binaries = Binaries::build(cargo)?;
    let mut rows = Vec::with_capacity(chosen.len());
    for test in &chosen {
        println!("reliability {}: running ({})", test.name, test.promise);
        let begun = Instant::now();
        let verdict = verdict(cargo, &binaries, tier, test)?;
        let row = Row {
            name: test.name,
            promise: test.promise,
            tier: tier.name(),
            seconds: begun.elapsed().as_secs_f64(),
            verdict,
        };
        println!("{row}");
        rows.push(row);
    }
    println!("\n{}", table::markdown(&rows));
    let json = args
        .json
        .clone()
        .unwrap_or_else(|| root().join("target/reliability.json"));
    let text = serde_json::to_string_pretty(&table::json(&rows))?;
    fs::write(&json, text + "\n").with_context(|| format!("writing {}", json.display()))?;
    println!("as JSON: {}", json.display());
    let failed = rows
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Failed(_)));
    Ok(u8::from(failed.count() > 0))
}

fn choose(tier: Tier, names: &[String]) -> Result<Vec<&'static Test>> {
    if names.is_empty() {
        return Ok(TESTS.iter().filter(|test| test.tier <= tier).collect());
    }
    names
        .iter()
        .map(|name| {
            let found = TESTS
                .iter()
                .find(|test| test.name.eq_ignore_ascii_case(name));
            let Some(found) = found else {
                let known: Vec<&str> = TESTS.iter().map(|test| test.name).collect();
                bail!("no test `{name}`; there are {}", known.join(", "));
            };
            Ok(found)
        })
        .collect()
}

/// Every way of a test must hold; what they say is joined.
fn verdict(cargo: &Cargo, binaries: &Binaries, tier: Tier, test: &Test) -> Result<Verdict> {
    let (mut figures, mut absent) = (Vec::new(), Vec::new());
    for way in test.ways {
        match way.run(cargo, binaries, tier, test.name)? {
            Verdict::Passed(figure) => figures.push(figure),
            Verdict::Absent(reason) => absent.push(reason),
            failed @ Verdict::Failed(_) => return Ok(failed),
        }
    }
    if figures.is_empty() {
        return Ok(Verdict::Absent(absent.join("; ")));
    }
    figures.extend(
        absent
            .into_iter()
            .map(|reason| format!("not measured: {reason}")),
    );
    Ok(Verdict::Passed(figures.join("; ")))
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn names_choose_and_unknown_ones_are_told() {
        let names = ["r01".to_owned(), "R13".to_owned()];
        let chosen = choose(Tier::Quick, &names).expect("known names");
        let chosen: Vec<&str> = chosen.iter().map(|test| test.name).collect();
        assert_eq!(chosen, ["R01", "R13"]);
        let error = choose(Tier::Quick, &["R99".to_owned()]).expect_err("unknown");
        assert!(error.to_string().contains("no test `R99`"), "{error}");
        let quick = choose(Tier::Quick, &[]).expect("a tier").len();
        let full = choose(Tier::Full, &[]).expect("a tier").len();
        assert!(quick > 10 && full > quick);
    }

    #[test]
    fn the_tests_are_in_order_and_named_once() {
        let names: Vec<&str> = TESTS.iter().map(|test| test.name).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
    }
}
