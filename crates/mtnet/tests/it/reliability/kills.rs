//! R01: a run killed at random moments ends as the one that was left alone.

use std::time::{Duration, Instant};

use mtnet::core::RandomStream;
use mtnet_fuzz::{Tier, figure};

use super::{fingerprint, workplace};

#[test]
fn r01_killed_runs_end_as_if_nothing_had_happened() {
    let wanted = Tier::from_env().pick(3, 25, 200);
    let workplace = workplace();
    let begun = Instant::now();
    workplace
        .mtnet(&["train", "run.toml", "--output", "whole"])
        .ok();
    let whole = begun.elapsed();
    let expected = fingerprint(&workplace, "whole");

    let mut stream = RandomStream::new(1).child("kills");
    let (mut kills, mut runs, mut resumed) = (0, 0, 0);
    while kills < wanted {
        let output = format!("killed-{runs}");
        runs += 1;
        loop {
            // What nothing has been written to yet is begun by the same command again.
            let begun = workplace.path(&output).join("run.toml").exists();
            let args = match begun {
                true => ["train", "run.toml", "--resume", &output],
                false => ["train", "run.toml", "--output", &output],
            };
            resumed += usize::from(begun);
            let mut child = workplace.command(&args).spawn().expect("a start");
            let moment = Duration::from_secs_f64(whole.as_secs_f64() * stream.uniform_f64());
            let deadline = Instant::now() + moment;
            let mut ended = None;
            while kills < wanted && Instant::now() < deadline && ended.is_none() {
                std::thread::sleep(Duration::from_millis(2));
                ended = child.try_wait().expect("a child");
            }
            if kills < wanted && ended.is_none() {
                // SIGKILL: nothing of the program runs after it.
                child.kill().expect("a kill");
                child.wait().expect("its end");
                kills += 1;
                continue;
            }
            let end = child.wait_with_output().expect("its end");
            let told = String::from_utf8_lossy(&end.stderr);
            assert!(end.status.success(), "{output}: {told}");
            break;
        }
        assert_eq!(fingerprint(&workplace, &output), expected, "{output}");
        std::fs::remove_dir_all(workplace.path(&output)).expect("removed");
    }
    figure(
        "R01",
        format!(
            "{kills} kills in {runs} runs, {resumed} resumes, {runs} of {runs} with the same \
             model, moments and log"
        ),
    );
}
