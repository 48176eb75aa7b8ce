//! Every file operation of a save fails in turn, once and for good; the checkpoint before it, or
//! the new one, is always there, whole. The sweep over n is SQLite's way of testing.

use std::path::Path;
use std::sync::Arc;

use mtnet_train::checkpoint::{
    CheckpointError, CheckpointWriter, LocalFiles, RunLock, latest_valid,
};

use super::faulty::{Fault, FaultyFiles};
use super::{ONE, content, figure, names, newest, writer};

/// Saves step `step` beside what `before` made, with the n-th operation failing, for every n
/// until nothing fails. `check` is told whether the save reported success.
fn sweep(step: u64, fault: Fault, before: impl Fn(&Path), check: impl Fn(&Path, bool)) -> usize {
    for failing in 0.. {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        before(path);
        let lock = RunLock::acquire(&LocalFiles, path).expect("the lock");
        let files = FaultyFiles::new(failing, fault);
        let faulty = CheckpointWriter::with_files(lock, ONE, Arc::new(files.clone()));
        let saved = faulty.save(step, content(step, "second"), None);
        let reached = files.count() > failing;
        check(path, saved.is_ok());
        if let Ok(report) = &saved {
            // What could not be read or removed after the commit waits for the next save.
            assert!(!reached || report.removed.is_empty(), "failing {failing}");
            assert!(reached || report.pruning.is_none(), "{report:?}");
        }

        if !reached {
            return failing;
        }

        // The fault has passed: the same process if it lives, or the next one, saves and tidies.
        let next = match fault {
            Fault::Once => faulty,
            Fault::FromThenOn => {
                drop(faulty);
                writer(path, ONE)
            }
        };
        if saved.is_err() {
            next.save(step, content(step, "second"), None)
                .expect("the same step again");
            assert_eq!(newest(path), Some((step, "second".to_owned())));
        }
        next.save(step + 100, content(step + 100, "first"), None)
            .expect("the next step");
        let left = names(path);
        let whole = format!("checkpoint-{}", step + 100);
        // A fault while it was read can have a good one taken for damaged, which is kept.
        assert!(
            left.iter()
                .all(|name| *name == whole || name.contains(".damaged-")),
            "failing {failing}: {left:?}"
        );
        assert_eq!(newest(path), Some((step + 100, "first".to_owned())));
    }
    unreachable!("a save has an end")
}

#[test]
fn r02_no_fault_costs_the_checkpoint_before() {
    let mut points = 0;
    for fault in [Fault::Once, Fault::FromThenOn] {
        let operations = sweep(
            200,
            fault,
            |path| {
                writer(path, ONE)
                    .save(100, content(100, "first"), None)
                    .expect("a save");
            },
            |path, saved| {
                let newest = newest(path).expect("one of the two");
                let new = (200, "second".to_owned());
                assert!(newest == new || newest == (100, "first".to_owned()));
                assert!(!saved || newest == new, "a save that succeeded is there");
            },
        );
        assert!(operations > 30, "{operations}");
        points += operations;
    }
    figure(
        "R02",
        &format!(
            "{points} of {points} faults, once and for good, leave the old or the new checkpoint whole"
        ),
    );
}

#[test]
fn no_fault_costs_a_checkpoint_that_is_replaced() {
    for fault in [Fault::Once, Fault::FromThenOn] {
        let operations = sweep(
            200,
            fault,
            |path| {
                writer(path, ONE)
                    .save(200, content(200, "first"), None)
                    .expect("a save");
            },
            |path, saved| {
                let (step, version) = newest(path).expect("one of the two");
                assert_eq!(step, 200);
                assert!(
                    !saved || version == "second",
                    "a save that succeeded is there"
                );
            },
        );
        assert!(operations > 30, "{operations}");
    }
}

/// `ENOSPC`, `EIO` and `EACCES`, as the system numbers them.
const ERRORS: [(&str, i32); 3] = [("ENOSPC", 28), ("EIO", 5), ("EACCES", 13)];

#[test]
fn r10_every_operation_may_fail_with_every_error() {
    let mut points = 0;
    for (name, number) in ERRORS {
        for failing in 0.. {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path();
            writer(path, ONE)
                .save(100, content(100, "first"), None)
                .expect("a save");
            let lock = RunLock::acquire(&LocalFiles, path).expect("the lock");
            let files = FaultyFiles::with_error(failing, Fault::Once, number);
            let faulty = CheckpointWriter::with_files(lock, ONE, Arc::new(files.clone()));
            let saved = faulty.save(200, content(200, "second"), None);
            if files.count() <= failing {
                assert!(saved.is_ok());
                break;
            }
            points += 1;
            let error = match saved {
                Ok(report) => report.pruning,
                Err(error) => Some(error),
            };
            // A checkpoint that could not be looked at before it goes is merely kept.
            if let Some(error) = error {
                let CheckpointError::File { source, path, .. } = &error else {
                    panic!("{name} at {failing}: {error}");
                };
                assert_eq!(source.raw_os_error(), Some(number), "{error}");
                assert!(error.to_string().contains(&path.display().to_string()));
            }
            let newest = newest(path).expect("one of the two");
            assert!(newest == (200, "second".to_owned()) || newest == (100, "first".to_owned()));
        }
    }
    figure(
        "R10",
        &format!(
            "{points} of {points} faults (ENOSPC, EIO, EACCES): typed error with its path, no panic, a checkpoint valid"
        ),
    );
}

#[test]
fn a_fault_while_looking_is_an_error_or_falls_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let keep_all = writer(path, Default::default());
    keep_all
        .save(100, content(100, "first"), None)
        .expect("a save");
    keep_all
        .save(200, content(200, "first"), None)
        .expect("a save");
    for failing in 0.. {
        let files = FaultyFiles::new(failing, Fault::Once);
        let found = latest_valid(&files, path);
        if files.count() <= failing {
            let found = found.expect("no fault");
            assert_eq!(found.latest.expect("the newest").step(), 200);
            assert!(failing > 10, "{failing}");
            break;
        }
        match found {
            Err(error) => assert!(error.to_string().starts_with("cannot list"), "{error}"),
            Ok(found) => {
                assert_eq!(found.latest.expect("the older one").step(), 100);
                assert_eq!(found.damaged.len(), 1);
            }
        }
    }
}

#[test]
fn a_fault_while_locking_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    for (failing, action) in [(0, "cannot create "), (1, "cannot open ")] {
        let files = FaultyFiles::new(failing, Fault::Once);
        let error = RunLock::acquire(&files, folder.path())
            .expect_err(action)
            .to_string();
        assert!(error.starts_with(action), "{error}");
    }
}
