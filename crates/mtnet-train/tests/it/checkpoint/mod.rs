//! Checkpoints: what they hold, and that no fault costs one.

mod damage;
mod faults;
mod faulty;
mod keep;
mod locks;

use std::fs;
use std::path::Path;

use mtnet_train::checkpoint::{
    CheckpointWriter, FileContent, LocalFiles, RunLock, SaveOptions, Verification, latest_valid,
};

pub(super) use crate::figure;

/// Keeps one checkpoint and reads it back whole.
const ONE: SaveOptions = SaveOptions {
    save_total_limit: Some(1),
    verification: Verification::Hashes,
};

fn writer(folder: &Path, options: SaveOptions) -> CheckpointWriter {
    let lock = RunLock::acquire(&LocalFiles, folder).expect("the lock");
    CheckpointWriter::new(lock, options)
}

/// Three files whose content tells the step and the version.
fn content(step: u64, version: &str) -> Vec<(String, FileContent<'static>)> {
    let version = version.to_owned();
    let text = format!("weights of step {step}, {version}; ").repeat(40);
    vec![
        ("model.safetensors".to_owned(), text.into_bytes().into()),
        (
            "optimizer.safetensors".to_owned(),
            FileContent::writer(move |file| {
                for piece in 0..8 {
                    writeln!(file, "moment {piece} of step {step}, {version}")?;
                }
                Ok(())
            }),
        ),
        ("rng_state.json".to_owned(), Vec::new().into()),
    ]
}

/// Which of the two versions of a step the newest valid checkpoint holds, whole.
fn newest(folder: &Path) -> Option<(u64, String)> {
    let found = latest_valid(&LocalFiles, folder).expect("a listing");
    let checkpoint = found.latest?;
    let step = checkpoint.step();
    for version in ["first", "second"] {
        let whole = content(step, version).into_iter().all(|(name, content)| {
            let mut expected = Vec::new();
            match content {
                FileContent::Bytes(bytes) => expected = bytes,
                FileContent::Writer(write) => write(&mut expected).expect("a vector"),
            }
            checkpoint.read(&LocalFiles, &name).expect("a file") == expected
        });
        if whole {
            return Some((step, version.to_owned()));
        }
    }
    panic!("checkpoint of step {step} passes for valid and is neither version");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a listing")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name != "run.lock")
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn what_was_saved_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("runs/one");
    let writer = writer(&run, SaveOptions::default());
    let report = writer.save(7, content(7, "first"), None).expect("a save");
    assert_eq!(report.checkpoint.path(), run.join("checkpoint-7"));
    assert!(report.removed.is_empty() && report.pruning.is_none());
    assert_eq!(newest(&run), Some((7, "first".to_owned())));
    assert_eq!(names(&run), ["checkpoint-7"]);

    let manifest = fs::read_to_string(run.join("checkpoint-7/MANIFEST.json")).expect("text");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["format_version"], 1);
    assert_eq!(manifest["step"], 7);
    assert_eq!(manifest["files"][2]["name"], "rng_state.json");
    assert_eq!(manifest["files"][2]["bytes"], 0);
    // The SHA-256 of nothing.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(manifest["files"][2]["sha256"], empty);
    let error = report
        .checkpoint
        .read(&LocalFiles, "model.bin")
        .expect_err("no such file");
    assert!(
        error.to_string().ends_with("holds no `model.bin`"),
        "{error}"
    );
}

#[test]
fn a_folder_without_checkpoints_has_none() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(newest(folder.path()), None);
    assert_eq!(newest(&folder.path().join("missing")), None);
    for name in [
        "checkpoint-x",
        "checkpoint-",
        "checkpoint-05",
        "checkpoint-1.old",
        "best",
    ] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    let found = latest_valid(&LocalFiles, folder.path()).expect("a listing");
    assert!(found.latest.is_none() && found.damaged.is_empty() && found.unfinished.is_empty());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let writer = writer(folder.path(), SaveOptions::default());
    for name in ["", "..", "a/b", "a\\b", ".hidden", "MANIFEST.json"] {
        let files = vec![(name.to_owned(), Vec::new().into())];
        let error = writer.save(1, files, None).expect_err(name).to_string();
        assert!(
            error.starts_with(&format!("checkpoint file name `{name}`")),
            "{error}"
        );
    }
    let twice = ["a", "a"].map(|name| (name.to_owned(), Vec::new().into()));
    assert!(writer.save(1, twice.into(), None).is_err());
    assert!(names(folder.path()).is_empty());
}
