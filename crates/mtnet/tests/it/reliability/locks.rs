//! R30: one run at a time in a folder, and none locked out by a dead one.

use std::time::{Duration, Instant};

use mtnet_fuzz::figure;

use super::workplace;

#[test]
fn r30_a_second_run_is_refused_and_a_dead_one_is_no_obstacle() {
    let workplace = workplace();
    let long = [
        "train",
        "run.toml",
        "--output",
        "run",
        "train.max_steps=100000",
    ];
    let mut first = workplace.command(&long).spawn().expect("a start");
    let log = workplace.path("run/metrics.jsonl");
    while !log.exists() {
        assert!(first.try_wait().expect("a child").is_none(), "it ended");
        std::thread::sleep(Duration::from_millis(10));
    }
    let begun = Instant::now();
    let message = workplace
        .mtnet(&["train", "run.toml", "--resume", "run"])
        .refused(1);
    let refused = begun.elapsed();
    let pid = first.id().to_string();
    assert!(message.contains(&format!("process {pid}")), "{message}");

    first.kill().expect("a kill");
    first.wait().expect("its end");
    let next = workplace.mtnet(&["train", "run.toml", "--resume", "run", "train.max_steps=4"]);
    // The run has other steps than the one that was killed, which is refused, after the lock.
    let taken = next.stderr.contains("took over") && next.stderr.contains(&pid);
    assert!(taken, "{}", next.stderr);
    figure(
        "R30",
        format!(
            "second run refused after {:.2} s with the pid of the first; stale lock taken over",
            refused.as_secs_f64()
        ),
    );
}
