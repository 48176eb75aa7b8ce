//! R16: mutants of run files never panic. The written mistakes stand in `mtnet`'s own tests.

use std::time::Duration;

use mtnet_fuzz::targets::target;
use mtnet_fuzz::{Tier, figure, sweep};

#[test]
fn r16_mutants_of_run_files_are_read_or_refused_with_a_place() {
    let mutants = Tier::from_env().pick(200, 1_000, 2_000);
    let sweep = sweep(target("run-file"), 16, 0..mutants, Duration::from_secs(600));
    assert!(sweep.panics.is_empty(), "{:?}", sweep.panics);
    assert!(sweep.refused > 0 && sweep.read > 0, "{sweep:?}");
    assert_eq!(
        sweep.placed, sweep.refused,
        "every error names the run file"
    );
    figure("R16", sweep.summary("run files"));
}
