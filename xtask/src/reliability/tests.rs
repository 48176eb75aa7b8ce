//! The list of tests: what is promised, and what is run for it.
//!
//! Rows stand in the order of the names.

use anyhow::Result;

use super::cargo_tests::Binaries;
use super::{Tier, Verdict, adversarial_training, offline, save_order, supply_chain};
use crate::cargo::Cargo;

/// A promise with its test.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// Its number.
    pub name: &'static str,
    /// What holds.
    pub promise: &'static str,
    /// From which tier on it is run.
    pub tier: Tier,
    /// All that is run for it.
    pub ways: &'static [Way],
}

/// One thing that is run.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// Tests of a package whose names hold a filter.
    Cargo {
        package: &'static str,
        filter: &'static str,
    },
    /// The order of system calls of saves.
    SaveOrder,
    /// What training against attacks is worth.
    AdversarialTraining,
    /// The whole test suite and the quick start without a network.
    Offline,
    /// Dependencies and `unsafe`.
    SupplyChain,
}

impl Way {
    /// Runs it for the test of that name.
    ///
    /// # Errors
    /// If a program that it needs cannot be started.
    pub fn run(
        self,
        cargo: &Cargo,
        binaries: &Binaries,
        tier: Tier,
        name: &str,
    ) -> Result<Verdict> {
        match self {
            Self::Cargo { package, filter } => binaries.run(tier, name, package, filter),
            Self::SaveOrder => save_order::run(),
            Self::AdversarialTraining => adversarial_training::run(),
            Self::Offline => offline::run(cargo),
            Self::SupplyChain => supply_chain::run(cargo),
        }
    }
}

const fn test(name: &'static str, tier: Tier, promise: &'static str, ways: &'static [Way]) -> Test {
    Test {
        name,
        promise,
        tier,
        ways,
    }
}

macro_rules! cargo {
    ($package:literal, $filter:literal) => {
        Way::Cargo {
            package: $package,
            filter: $filter,
        }
    };
}

use Tier::{Full, Quick};

/// All tests, by name.
pub const TESTS: &[Test] = &[
    test(
        "R01",
        Quick,
        "killed at random moments, a run ends as if left alone",
        &[cargo!("mtnet", "r01_")],
    ),
    test(
        "R02",
        Quick,
        "killed after any file operation of a save, the old or the new checkpoint is whole",
        &[cargo!("mtnet-train", "r02_")],
    ),
    test(
        "R03",
        Full,
        "files are synced before the commit, folders after it",
        &[Way::SaveOrder],
    ),
    test(
        "R04",
        Quick,
        "a signal ends a run behind its step with a checkpoint, a second one at once",
        &[cargo!("mtnet", "r04_")],
    ),
    test(
        "R05",
        Quick,
        "one hash over repeats, threads and settings that must not matter",
        &[cargo!("mtnet", "r05_")],
    ),
    test(
        "R06",
        Quick,
        "resumed at any step, a run ends the same",
        &[cargo!("mtnet", "r06_")],
    ),
    test(
        "R09",
        Quick,
        "a full disk costs nothing that was saved",
        &[cargo!("mtnet", "r09_")],
    ),
    test(
        "R10",
        Quick,
        "any file operation may fail with any error: a typed error, the checkpoint before is valid",
        &[cargo!("mtnet-train", "r10_")],
    ),
    test(
        "R11",
        Quick,
        "a folder that cannot be written is refused before the first step",
        &[cargo!("mtnet", "r11_")],
    ),
    test(
        "R12",
        Quick,
        "every flipped bit of a checkpoint is noticed",
        &[cargo!("mtnet-train", "r12_")],
    ),
    test(
        "R13",
        Quick,
        "damaged model files never panic, and all that does not fit is told at once",
        &[cargo!("mtnet-fuzz", "r13_")],
    ),
    test(
        "R14",
        Quick,
        "damaged tokenizers and strange texts never panic",
        &[cargo!("mtnet-fuzz", "r14_")],
    ),
    test(
        "R15",
        Quick,
        "damaged data files never panic, and errors name the place",
        &[cargo!("mtnet-fuzz", "r15_")],
    ),
    test(
        "R16",
        Quick,
        "mistakes in run files are named with key, range and nearest name",
        &[cargo!("mtnet-fuzz", "r16_"), cargo!("mtnet", "r16_")],
    ),
    test(
        "R17",
        Quick,
        "planted faults of data are found, clean data is not accused",
        &[cargo!("mtnet", "r17_")],
    ),
    test(
        "R18",
        Quick,
        "a value that is not finite is noticed in its step, named, and reaches no weight",
        &[cargo!("mtnet-train", "r18_")],
    ),
    test(
        "R19",
        Quick,
        "planted sicknesses are told within 50 steps, healthy runs say nothing",
        &[cargo!("mtnet-train", "r19_")],
    ),
    test(
        "R20",
        Quick,
        "first losses are those of a guess, every head learns a batch by heart, and its gradients are right",
        &[cargo!("mtnet-train", "r20_"), cargo!("mtnet-heads", "r20_")],
    ),
    test(
        "R22",
        Quick,
        "an exported graph gives the model's own logits",
        &[cargo!("mtnet-export", "r22_")],
    ),
    test(
        "R23",
        Quick,
        "a request of whatever kind gets its code and breaks nothing",
        &[cargo!("mtnet-serve", "r23_")],
    ),
    test(
        "R24",
        Quick,
        "a full server refuses at once and answers what it took",
        &[cargo!("mtnet-serve", "r24_")],
    ),
    test(
        "R25",
        Quick,
        "slow clients are closed and hold nobody up",
        &[cargo!("mtnet-serve", "r25_")],
    ),
    test(
        "R26",
        Quick,
        "a server that stops leaves nobody without an answer",
        &[cargo!("mtnet-serve", "r26_")],
    ),
    test(
        "R27",
        Quick,
        "a text's answer is its own, and what was sent is never logged",
        &[cargo!("mtnet-serve", "r27_")],
    ),
    test(
        "R28",
        Quick,
        "a server and a training hold no more memory and files at their end than early on",
        &[cargo!("mtnet", "r28_")],
    ),
    test(
        "R29",
        Quick,
        "files that change underneath a server change no answer",
        &[cargo!("mtnet-serve", "r29_")],
    ),
    test(
        "R30",
        Quick,
        "one run at a time in a folder, and none locked out by a dead one",
        &[cargo!("mtnet", "r30_")],
    ),
    test(
        "R31",
        Quick,
        "files of earlier versions load, answer and go on",
        &[cargo!("mtnet", "r31_")],
    ),
    test(
        "R33",
        Full,
        "training against attacks pays, and costs no more than a point of clean accuracy",
        &[Way::AdversarialTraining],
    ),
    test(
        "R34",
        Full,
        "everything runs without a network",
        &[Way::Offline],
    ),
    test(
        "R35",
        Quick,
        "fuzz targets last their time",
        &[cargo!("mtnet-fuzz", "r35_")],
    ),
    test(
        "R36",
        Quick,
        "pickles are refused unread; one crate has `unsafe`; dependencies without advisories",
        &[cargo!("mtnet-fuzz", "r36_"), Way::SupplyChain],
    ),
];
