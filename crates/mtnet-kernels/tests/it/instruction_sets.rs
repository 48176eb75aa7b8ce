//! What holds with the best instructions of this processor holds with the lesser ones.

use std::process::Command;

/// Names of the tests that depend on the instructions in use.
const TESTS: [&str; 3] = ["stack", "parity", "gradients"];

#[test]
fn every_lower_set_passes_the_same_tests() {
    // The set is chosen once a process: the same program runs again for each.
    if std::env::var_os("MTNET_ISA").is_some() {
        return;
    }
    let program = std::env::current_exe().expect("the path of this test");
    for set in ["base", "avx2"] {
        let output = Command::new(&program)
            .env("MTNET_ISA", set)
            .args(TESTS)
            .output()
            .expect("this very program runs");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "with {set}: {told}");
        assert!(!told.contains("running 0 tests"), "with {set}: {told}");
    }
}
