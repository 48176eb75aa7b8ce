//! What is not as it was written is noticed, reported and left alone.

use std::fs;
use std::path::Path;

use mtnet_core::RandomStream;
use mtnet_train::checkpoint::{
    CheckpointError, LocalFiles, SaveOptions, Verification, latest_valid, verify,
};

use super::{content, figure, names, newest, writer};

fn two_checkpoints() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let writer = writer(folder.path(), SaveOptions::default());
    for step in [100, 200] {
        writer
            .save(step, content(step, "first"), None)
            .expect("a save");
    }
    folder
}

/// The older checkpoint is found, and the newer one reported with this message.
fn falls_back(folder: &Path, message: &str) {
    let before = names(folder);
    let found = latest_valid(&LocalFiles, folder).expect("a listing");
    assert_eq!(found.latest.expect("the older one").step(), 100);
    let [damaged] = &found.damaged[..] else {
        panic!("expected one damaged checkpoint, got {:?}", found.damaged);
    };
    assert_eq!(damaged.step, 200);
    let reason = damaged.reason.to_string();
    assert!(reason.contains(message), "{reason}");
    assert_eq!(names(folder), before, "it is left alone");
}

#[test]
fn r12_one_flipped_bit_anywhere_is_noticed() {
    let folder = two_checkpoints();
    let checkpoint = folder.path().join("checkpoint-200");
    let mut places = Vec::new();
    for name in [
        "MANIFEST.json",
        "model.safetensors",
        "optimizer.safetensors",
    ] {
        let length = fs::metadata(checkpoint.join(name)).expect("a file").len();
        places.extend((0..length).map(|byte| (name, byte as usize)));
    }
    let mut stream = RandomStream::new(1).child("bit-flips");
    for _ in 0..500 {
        let (name, byte) = places[stream.below(places.len() as u32) as usize];
        let path = checkpoint.join(name);
        let whole = fs::read(&path).expect("bytes");
        let mut flipped = whole.clone();
        flipped[byte] ^= 1 << stream.below(8);
        fs::write(&path, &flipped).expect("written");
        let error = verify(&LocalFiles, &checkpoint, Verification::Hashes);
        assert!(error.is_err(), "{name}, byte {byte}");
        fs::write(&path, &whole).expect("written");
    }
    verify(&LocalFiles, &checkpoint, Verification::Hashes).expect("whole again");

    let path = checkpoint.join("model.safetensors");
    let mut flipped = fs::read(&path).expect("bytes");
    flipped[40] ^= 4;
    fs::write(&path, flipped).expect("written");
    falls_back(folder.path(), "does not have the SHA-256 of its manifest");
    figure(
        "R12",
        "500 of 500 flipped bits noticed, the older checkpoint found and told of",
    );
    // Sizes alone do not show it.
    verify(&LocalFiles, &checkpoint, Verification::Sizes).expect("of the right size");
}

#[test]
fn whatever_is_wrong_is_told_and_the_older_one_found() {
    let check = |damage: &dyn Fn(&Path), message: &str| {
        let folder = two_checkpoints();
        damage(&folder.path().join("checkpoint-200"));
        falls_back(folder.path(), message);
    };
    check(
        &|folder| {
            let path = folder.join("model.safetensors");
            let bytes = fs::read(&path).expect("bytes");
            fs::write(&path, &bytes[..bytes.len() - 1]).expect("written");
        },
        "bytes, its manifest states",
    );
    check(
        &|folder| fs::remove_file(folder.join("rng_state.json")).expect("removed"),
        "cannot read the size of",
    );
    check(
        &|folder| fs::remove_file(folder.join("MANIFEST.json")).expect("removed"),
        "cannot open",
    );
    check(
        &|folder| fs::write(folder.join("MANIFEST.json"), "{").expect("written"),
        "is damaged",
    );
    check(
        &|folder| {
            let path = folder.join("MANIFEST.json");
            let text = fs::read_to_string(&path).expect("text");
            let text = text.replace("\"format_version\": 1", "\"format_version\": 9");
            fs::write(&path, text).expect("written");
        },
        "has format version 9, this version reads up to 1",
    );
    check(
        &|folder| {
            let older = folder.with_file_name("checkpoint-100");
            fs::remove_dir_all(folder).expect("removed");
            fs::create_dir(folder).expect("a folder");
            for entry in fs::read_dir(older).expect("a listing") {
                let entry = entry.expect("an entry");
                fs::copy(entry.path(), folder.join(entry.file_name())).expect("copied");
            }
        },
        "it is of step 100, its folder's name says 200",
    );
}

#[test]
fn what_changes_after_it_was_checked_is_noticed_too() {
    let folder = two_checkpoints();
    let found = latest_valid(&LocalFiles, folder.path()).expect("a listing");
    let checkpoint = found.latest.expect("the newest");
    let path = checkpoint.path().join("model.safetensors");
    let bytes = fs::read(&path).expect("bytes");
    fs::write(&path, vec![b'x'; bytes.len()]).expect("written");
    let error = checkpoint
        .read(&LocalFiles, "model.safetensors")
        .expect_err("a change");
    assert!(matches!(error, CheckpointError::Hash { .. }), "{error}");
}

#[test]
fn a_damaged_checkpoint_makes_room_and_is_kept() {
    let folder = two_checkpoints();
    let path = folder.path().join("checkpoint-200/model.safetensors");
    fs::write(&path, "rot").expect("written");
    // The run went on from step 100 and is at step 200 again, twice.
    let report = writer(folder.path(), SaveOptions::default())
        .save(200, content(200, "second"), None)
        .expect("a save");
    assert_eq!(report.checkpoint.step(), 200);
    assert_eq!(newest(folder.path()), Some((200, "second".to_owned())));
    fs::write(&path, "rot").expect("written");
    writer(folder.path(), SaveOptions::default())
        .save(200, content(200, "second"), None)
        .expect("a save");
    let damaged = format!("checkpoint-200.damaged-{}", std::process::id());
    assert_eq!(
        names(folder.path()),
        [
            "checkpoint-100",
            "checkpoint-200",
            &damaged,
            &format!("{damaged}-2")
        ]
    );
    assert_eq!(newest(folder.path()), Some((200, "second".to_owned())));
}
