//! The local cache of a model hub, read only.
//!
//! Its layout is the one that `huggingface_hub` keeps: `models--OWNER--NAME/refs/REVISION` holds
//! the name of a folder below `models--OWNER--NAME/snapshots/`, which holds the files. The cache
//! lies in `HF_HUB_CACHE`, else in `HF_HOME/hub`, else in `XDG_CACHE_HOME/huggingface/hub`, else in
//! `~/.cache/huggingface/hub`. Nothing is fetched here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A hub cache on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubCache {
    root: PathBuf,
}

impl HubCache {
    /// The cache in that folder, which need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The cache that the environment names.
    pub fn from_env() -> Self {
        Self::from_variables(|name| std::env::var_os(name))
    }

    /// The cache that these variables name; an empty one counts as unset.
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let home = set("HOME")
            .or_else(|| set("USERPROFILE"))
            .map(PathBuf::from);
        let folder = |name: &str| set(name).map(|value| expand(value.into(), home.as_deref()));
        let root = folder("HF_HUB_CACHE")
            .or_else(|| folder("HF_HOME").map(|root| root.join("hub")))
            .unwrap_or_else(|| {
                let caches = folder("XDG_CACHE_HOME")
                    .unwrap_or_else(|| home.clone().unwrap_or_default().join(".cache"));
                caches.join("huggingface").join("hub")
            });
        Self { root }
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where everything of a model lies, `owner/name` without a revision.
    pub(super) fn folder(&self, model: &str) -> PathBuf {
        self.root
            .join(format!("models--{}", model.replace('/', "--")))
    }

    /// The folder with the files of a model, `owner/name` or `owner/name@revision`, where the
    /// revision is a branch, a tag or a commit, `main` unless stated.
    ///
    /// # Errors
    /// If the cache does not hold it, with the reason as text.
    pub fn snapshot(&self, name: &str) -> Result<PathBuf, String> {
        let (model, revision) = name.split_once('@').unwrap_or((name, "main"));
        if !is_hub_name(model) {
            return Err(format!("`{model}` is no hub name"));
        }
        if !is_revision(revision) {
            return Err(format!("`{revision}` is no revision"));
        }
        let folder = self.folder(model);
        if !folder.is_dir() {
            let root = self.root.display();
            return Err(format!("the hub cache `{root}` does not hold `{model}`"));
        }
        let commit = match std::fs::read_to_string(folder.join("refs").join(revision)) {
            Ok(commit) if is_revision(commit.trim()) => commit.trim().to_owned(),
            Ok(_) => return Err(format!("the hub cache's reference `{revision}` is damaged")),
            Err(_) => revision.to_owned(),
        };
        let snapshot = folder.join("snapshots").join(&commit);
        if snapshot.is_dir() {
            Ok(snapshot)
        } else {
            let folder = folder.display();
            Err(format!(
                "the hub cache has no revision `{revision}` in `{folder}`"
            ))
        }
    }
}

/// `~` at the start of a path is the home folder.
fn expand(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

/// One or two parts of letters, digits, `-`, `_` and `.`, none of which leads out of a folder.
pub(super) fn is_hub_name(name: &str) -> bool {
    name.split('/').count() <= 2 && name.split('/').all(is_plain)
}

/// Parts as of a hub name, in any number: a branch may be `refs/pr/1`.
pub(super) fn is_revision(name: &str) -> bool {
    name.split('/').all(is_plain)
}

pub(super) fn is_plain(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with('.')
        && part
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
