//! R15: mutants of data files in six formats never panic, and errors name the place.

use std::time::Duration;

use mtnet_fuzz::targets::target;
use mtnet_fuzz::{Tier, figure, sweep};

/// The longest a target may take in all; none comes near it.
const LIMIT: Duration = Duration::from_secs(600);

#[test]
fn r15_mutants_of_data_files_are_read_or_refused_with_a_place() {
    let mutants = Tier::from_env().pick(200, 2_000, 10_000);
    let mut lines = Vec::new();
    for name in ["jsonl", "csv", "tsv", "conll", "conllu", "parquet"] {
        let sweep = sweep(target(name), 15, 0..mutants, LIMIT);
        assert_eq!(sweep.mutants, mutants);
        assert!(sweep.panics.is_empty(), "{name}: {:?}", sweep.panics);
        assert!(sweep.refused > 0 && sweep.read > 0, "{sweep:?}");
        assert!(
            sweep.placed * 100 >= sweep.refused * 99,
            "{name}: {} of {} errors name a place",
            sweep.placed,
            sweep.refused
        );
        let placed = sweep.placed as f64 * 100.0 / sweep.refused as f64;
        lines.push(format!("{}, {placed:.1} % placed", sweep.summary(name)));
    }
    figure("R15", lines.join("; "));
}
