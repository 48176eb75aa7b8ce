//! A target run over many mutants: panics, times and answers counted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mtnet_core::guarded;

use crate::targets::{Outcome, Target};
use crate::{Mutator, thread_time};

/// What came of the mutants of one target.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    /// How many were tried.
    pub mutants: u64,
    /// How many could be read.
    pub read: u64,
    /// How many were refused with an error.
    pub refused: u64,
    /// Of the errors: how many name a place, `file:line` or a key.
    pub placed: u64,
    /// Numbers of the mutants that panicked, with the messages.
    pub panics: Vec<(u64, String)>,
    /// The longest processor time that one of them took.
    pub slowest: Duration,
}

/// Runs a target over the mutants `numbers` of its corpus, or until it has had its processor `time`.
pub fn sweep(target: &Target, seed: u64, numbers: std::ops::Range<u64>, time: Duration) -> Sweep {
    let seeds = corpus(target.name);
    let mutator = Mutator::new(seed, target.name, target.dictionary);
    let begun = thread_time();
    let mut sweep = Sweep::default();
    for number in numbers {
        if thread_time() - begun > time {
            break;
        }
        let bytes = mutator.mutant(&seeds, number);
        let started = thread_time();
        let outcome = guarded(|| (target.run)(&bytes));
        sweep.slowest = sweep.slowest.max(thread_time() - started);
        sweep.mutants += 1;
        match outcome {
            Ok(Outcome::Read) => sweep.read += 1,
            Ok(Outcome::Refused { message, placed }) => {
                assert!(!message.trim().is_empty(), "mutant {number} has no message");
                sweep.refused += 1;
                sweep.placed += u64::from(placed);
            }
            Err(panic) => sweep.panics.push((number, panic.to_string())),
        }
    }
    sweep
}

/// The checked-in seeds of a target, in the order of their names.
///
/// # Panics
/// If there are none.
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let folder = root.join(target);
    let list =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = list.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort_unstable();
    assert!(!paths.is_empty(), "{} holds no seed", folder.display());
    let read = |path: PathBuf| {
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.into_iter().map(read).collect()
}

impl Sweep {
    /// One line about it.
    pub fn summary(&self, target: &str) -> String {
        format!(
            "{target}: {} mutants, {} panics, {} read, {} refused, slowest {:.0} ms",
            self.mutants,
            self.panics.len(),
            self.read,
            self.refused,
            self.slowest.as_secs_f64() * 1e3
        )
    }
}
