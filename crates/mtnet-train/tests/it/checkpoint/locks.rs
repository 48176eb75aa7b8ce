//! One run at a time in a folder.

use std::fs;

use mtnet_train::checkpoint::{CheckpointError, LocalFiles, RunLock};

#[test]
fn a_second_run_is_told_who_has_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let lock = RunLock::acquire(&LocalFiles, folder.path()).expect("the lock");
    assert!(lock.taken_over().is_none());
    let error = RunLock::acquire(&LocalFiles, folder.path()).expect_err("in use");
    let CheckpointError::Locked { holder, .. } = &error else {
        panic!("expected a lock, got {error}");
    };
    // Where locks are mandatory the text of the file cannot be read.
    if cfg!(unix) {
        assert_eq!(
            holder.as_ref().map(|holder| holder.pid),
            Some(std::process::id())
        );
        let message = format!("is in use by process {}, since", std::process::id());
        assert!(error.to_string().contains(&message), "{error}");
    }

    drop(lock);
    let lock = RunLock::acquire(&LocalFiles, folder.path()).expect("the lock is free again");
    assert!(lock.taken_over().is_none(), "its holder ended in order");
}

#[test]
fn the_lock_of_a_killed_run_is_taken_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.lock");
    fs::write(&path, r#"{"pid": 4242, "started": 1700000000}"#).expect("a stale lock");
    let lock = RunLock::acquire(&LocalFiles, folder.path()).expect("the lock");
    let holder = lock.taken_over().expect("who had it");
    assert_eq!((holder.pid, holder.started), (4242, 1_700_000_000));
    drop(lock);

    // Whatever else the file holds is no one's.
    fs::write(&path, "\0\0").expect("a torn lock");
    let lock = RunLock::acquire(&LocalFiles, folder.path()).expect("the lock");
    assert!(lock.taken_over().is_none());
}
