//! The cache of a hub, made by hand as its own tools make it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use mtnet_encoders::{HubCache, PretrainedFolder};

use crate::support::fixture;
#[cfg(not(feature = "hub"))]
use crate::support::told;

const COMMIT: &str = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf";

/// A cache with the tiny BERT as `owner/tiny-bert` and a branch that was not fetched.
fn cache() -> (tempfile::TempDir, HubCache) {
    let root = tempfile::tempdir().unwrap();
    let model = root.path().join("models--owner--tiny-bert");
    let snapshot = model.join("snapshots").join(COMMIT);
    fs::create_dir_all(model.join("refs")).unwrap();
    fs::create_dir_all(&snapshot).unwrap();
    fs::write(model.join("refs/main"), COMMIT).unwrap();
    fs::write(model.join("refs/gone"), "0123456789abcdef").unwrap();
    fs::write(model.join("refs/bad"), "../../..").unwrap();
    for file in ["config.json", "model.safetensors"] {
        fs::copy(fixture("bert").join(file), snapshot.join(file)).unwrap();
    }
    let cache = HubCache::new(root.path());
    (root, cache)
}

#[test]
fn a_hub_name_finds_its_snapshot_by_branch_and_by_commit() {
    let (root, cache) = cache();
    let by_commit = format!("owner/tiny-bert@{COMMIT}");
    for name in ["owner/tiny-bert", "owner/tiny-bert@main", &by_commit] {
        let folder = PretrainedFolder::find(name, Path::new(""), &cache).unwrap();
        assert!(folder.path().starts_with(root.path()));
        assert!(folder.path().ends_with(COMMIT));
        assert_eq!(folder.spec().hidden_size(), 32);
    }
}

#[test]
fn a_folder_comes_before_a_hub_name() {
    let (_root, cache) = cache();
    let here = tempfile::tempdir().unwrap();
    let folder = here.path().join("owner/tiny-bert");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(
        fixture("electra").join("config.json"),
        folder.join("config.json"),
    )
    .unwrap();
    let found = PretrainedFolder::find("owner/tiny-bert", here.path(), &cache).unwrap();
    assert_eq!(found.path(), folder);
}

// With the feature `hub` these names would be looked for on the network.
#[cfg(not(feature = "hub"))]
#[test]
fn what_is_not_there_is_told_with_where_it_was_looked_for() {
    let (_root, cache) = cache();
    for (name, expected) in [
        ("owner/other", "does not hold `owner/other`"),
        ("owner/tiny-bert@v2", "has no revision `v2`"),
        ("owner/tiny-bert@gone", "has no revision `gone`"),
        ("owner/tiny-bert@bad", "reference `bad` is damaged"),
        ("owner/tiny-bert@../main", "`../main` is no revision"),
        ("../escape", "`../escape` is no hub name"),
        ("a/b/c", "`a/b/c` is no hub name"),
        ("", "`` is no hub name"),
    ] {
        let error = PretrainedFolder::find(name, Path::new("no-such-base"), &cache).unwrap_err();
        let message = told(&error);
        assert!(message.contains(expected), "{name}: {message}");
        assert!(message.contains("no-such-base"), "{message}");
    }
}

#[test]
fn the_environment_names_the_cache() {
    for (variables, expected) in [
        (
            &[
                ("HF_HUB_CACHE", "/cache"),
                ("HF_HOME", "/hf"),
                ("HOME", "/users/a"),
            ][..],
            "/cache",
        ),
        (&[("HF_HOME", "/hf"), ("HOME", "/users/a")], "/hf/hub"),
        (
            &[("HF_HOME", "~/hf"), ("HOME", "/users/a")],
            "/users/a/hf/hub",
        ),
        (
            &[("XDG_CACHE_HOME", "/xdg"), ("HOME", "/users/a")],
            "/xdg/huggingface/hub",
        ),
        (
            &[("HF_HOME", ""), ("HOME", "/users/a")],
            "/users/a/.cache/huggingface/hub",
        ),
        (
            &[("USERPROFILE", "/users/a")],
            "/users/a/.cache/huggingface/hub",
        ),
    ] {
        let cache = HubCache::from_variables(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        });
        assert_eq!(cache.root(), PathBuf::from(expected), "{variables:?}");
    }
}
