//! R35: every fuzz target runs over mutants for a while, and reads or refuses its own seeds.

use mtnet_core::guarded;
use mtnet_fuzz::targets::{Outcome, TARGETS};
use mtnet_fuzz::{Tier, corpus, figure, sweep};

#[test]
fn r35_every_target_lasts_its_time() {
    let time = Tier::from_env().fuzz_time();
    let (mut mutants, mut panics) = (0, Vec::new());
    for target in &TARGETS {
        // Other mutants than those of the counted tests.
        let sweep = sweep(target, 35, 0..u64::MAX, time);
        mutants += sweep.mutants;
        panics.extend(sweep.panics.into_iter().map(|panic| (target.name, panic)));
    }
    assert!(panics.is_empty(), "{panics:?}");
    figure(
        "R35",
        format!(
            "{} targets for {} s each, {mutants} mutants, 0 panics",
            TARGETS.len(),
            time.as_secs()
        ),
    );
}

#[test]
fn every_target_reads_its_seeds() {
    for target in &TARGETS {
        for (number, seed) in corpus(target.name).iter().enumerate() {
            let outcome = guarded(|| (target.run)(seed)).expect("no panic");
            // The files of the checkpoint lie elsewhere.
            if target.name != "manifest" {
                assert_eq!(outcome, Outcome::Read, "seed {number} of {}", target.name);
            }
        }
    }
}

#[test]
fn every_target_has_a_file_for_the_fuzzer() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for target in &TARGETS {
        let file = format!("fuzz_targets/{}.rs", target.name);
        assert!(manifest.contains(&file), "{file}");
        let body = std::fs::read_to_string(root.join(&file)).unwrap();
        assert!(
            body.contains(&format!("target(\"{}\")", target.name)),
            "{file}"
        );
    }
}
