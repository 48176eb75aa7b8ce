//! R09 and R11: disks that are full, and folders that cannot be written.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use mtnet_fuzz::figure;

use super::{can_unshare, workplace};
use crate::workplace::Workplace;

/// Runs a shell script in a mount namespace of its own, with the program as `$MTNET`.
fn in_namespace(workplace: &Workplace, script: &str) -> Output {
    Command::new("unshare")
        .args(["--mount", "sh", "-euc", script])
        .current_dir(workplace.path(""))
        .env("MTNET", env!("CARGO_BIN_EXE_mtnet"))
        .env_remove("CARGO")
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

#[test]
fn r09_a_full_disk_costs_nothing_that_was_saved() {
    if !can_unshare("R09", "--mount") {
        return;
    }
    let workplace = workplace();
    workplace
        .mtnet(&["train", "run.toml", "--output", "whole"])
        .ok();
    fs::create_dir(workplace.path("small")).expect("a folder");
    // A filler leaves room for a few checkpoints, then for none. What stays is copied out before
    // the disk goes with its namespace.
    let script = r#"
        mount -t tmpfs -o size=6m tmpfs small
        head -c 2m /dev/zero > small/filler
        code=0
        "$MTNET" train run.toml --output small/run train.save_total_limit=100 train.save_steps=1 \
            2> full.txt > /dev/null || code=$?
        echo $code > full.code
        ls small/run > full.list
        rm small/filler
        "$MTNET" train run.toml --resume small/run train.save_total_limit=2 train.save_steps=1 \
            2> after.txt > /dev/null
        cp small/run/model/model.safetensors after.safetensors
    "#;
    let output = in_namespace(&workplace, script);
    let read = |name: &str| fs::read_to_string(workplace.path(name)).unwrap_or_default();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{told}\n{}\n{}",
        read("full.txt"),
        read("after.txt")
    );
    let message = read("full.txt");
    assert_eq!(read("full.code").trim(), "1", "{message}");
    assert!(message.contains("small/run/checkpoint-"), "{message}");
    assert!(message.contains("No space left"), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    let saved = read("full.list").matches("checkpoint-").count();
    assert!(saved > 0, "no checkpoint came before the full disk");
    let model = fs::read(workplace.path("after.safetensors")).expect("a model");
    let whole = fs::read(workplace.path("whole/model/model.safetensors")).expect("a model");
    assert!(model == whole, "the resumed run ends otherwise");
    figure(
        "R09",
        format!(
            "disk full after {saved} checkpoints: exit 1, path named, no panic; resumed after space was freed, same model"
        ),
    );
}

#[test]
fn r11_a_folder_that_cannot_be_written_is_refused_before_the_first_step() {
    let workplace = workplace();
    workplace.write("file", "no folder");
    let mut cases = 0;
    let mut slowest = 0.0_f64;
    let mut refused = |stderr: &str, code: Option<i32>, seconds: f64| {
        assert_eq!(code, Some(1), "{stderr}");
        assert!(!stderr.contains("step 1"), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        assert!(stderr.contains("error: cannot "), "{stderr}");
        cases += 1;
        slowest = slowest.max(seconds);
    };
    for output in ["file/run", "file", "/proc/none/run"] {
        let begun = Instant::now();
        let outcome = workplace.mtnet(&["train", "run.toml", "--output", output]);
        let seconds = begun.elapsed().as_secs_f64();
        refused(&outcome.stderr, Some(outcome.code), seconds);
    }
    if can_unshare("R11", "--mount") {
        fs::create_dir(workplace.path("locked")).expect("a folder");
        let script = r#"
            mount -t tmpfs -o ro tmpfs locked
            "$MTNET" train run.toml --output locked/run
        "#;
        let begun = Instant::now();
        let output = in_namespace(&workplace, script);
        let told = String::from_utf8_lossy(&output.stderr);
        refused(&told, output.status.code(), begun.elapsed().as_secs_f64());
    }
    // A folder that is merely not there is made.
    workplace
        .mtnet(&[
            "train",
            "run.toml",
            "--output",
            "new/er/run",
            "train.max_steps=1",
        ])
        .ok();
    figure(
        "R11",
        format!("{cases} of {cases} folders refused before the first step, slowest {slowest:.2} s"),
    );
}
