//! Download of a model into the local hub cache, with the feature `hub`.
//!
//! `GET {endpoint}/{owner}/{name}/resolve/{revision}/{file}`; the commit comes from the header
//! `x-repo-commit` of the first file. The snapshot is put together beside its place and renamed
//! into it, so that a broken connection leaves no half model. `HF_HUB_OFFLINE=1` forbids it,
//! `HF_ENDPOINT` names another hub, `HF_TOKEN` opens private models.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cache::{HubCache, is_hub_name, is_plain, is_revision};

/// Files without which a model cannot be opened.
const REQUIRED: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];
/// Files that say more of it where they exist.
const OPTIONAL: [&str; 2] = ["tokenizer_config.json", "1_Pooling/config.json"];

/// A hub that models are downloaded from.
#[derive(Clone, Debug)]
pub struct HubDownload {
    endpoint: String,
    token: Option<String>,
}

impl HubDownload {
    /// The hub at an address, with a token for private models.
    pub fn new(endpoint: impl Into<String>, token: Option<String>) -> Self {
        let endpoint = endpoint.into().trim_end_matches('/').to_owned();
        Self { endpoint, token }
    }

    /// The hub that the environment names; `None` where it forbids downloads.
    pub fn from_env() -> Option<Self> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if set("HF_HUB_OFFLINE").is_some_and(|value| value != "0") {
            return None;
        }
        let endpoint = set("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".to_owned());
        Some(Self::new(endpoint, set("HF_TOKEN")))
    }

    /// Fetches a model, `owner/name` or `owner/name@revision`, into a cache, and gives the folder
    /// of its snapshot.
    ///
    /// # Errors
    /// If the name is none, the hub does not answer or lacks a file, or the cache cannot be
    /// written; with the reason as text.
    pub fn fetch(&self, name: &str, cache: &HubCache) -> Result<PathBuf, String> {
        let (model, revision) = name.split_once('@').unwrap_or((name, "main"));
        if !is_hub_name(model) || !is_revision(revision) {
            return Err(format!("`{name}` is no hub name"));
        }
        let folder = cache.folder(model);
        let partial = folder.join(format!("incomplete-{}", std::process::id()));
        let fetched = self.fetch_files(model, revision, &partial);
        let placed = fetched.and_then(|commit| {
            let snapshot = folder.join("snapshots").join(&commit);
            place(
                &partial,
                &snapshot,
                &folder.join("refs").join(revision),
                &commit,
            )
            .map_err(|error| format!("{}: {error}", folder.display()))?;
            Ok(snapshot)
        });
        if placed.is_err() {
            // What was fetched is of no use; the error to report is the first.
            drop(fs::remove_dir_all(&partial));
        }
        placed
    }

    /// All files into a folder; gives the commit they belong to.
    fn fetch_files(&self, model: &str, revision: &str, into: &Path) -> Result<String, String> {
        let mut commit = None;
        for file in REQUIRED {
            let found = self.fetch_file(model, revision, file, into)?;
            let found = found.ok_or_else(|| format!("`{model}` has no {file} at `{revision}`"))?;
            commit = commit.or(found);
        }
        for file in OPTIONAL {
            self.fetch_file(model, revision, file, into)?;
        }
        let commit = commit.unwrap_or_else(|| revision.replace('/', "-"));
        match is_plain(&commit) {
            true => Ok(commit),
            false => Err(format!("the hub names the commit `{commit}`")),
        }
    }

    /// One file; `None` where the hub does not have it, else the commit if it was named.
    fn fetch_file(
        &self,
        model: &str,
        revision: &str,
        file: &str,
        into: &Path,
    ) -> Result<Option<Option<String>>, String> {
        let address = format!("{}/{model}/resolve/{revision}/{file}", self.endpoint);
        let mut request = ureq::get(&address)
            .config()
            .timeout_connect(Some(Duration::from_secs(20)))
            .build();
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(ureq::Error::StatusCode(404)) => return Ok(None),
            Err(error) => return Err(format!("{address}: {error}")),
        };
        let commit = response.headers().get("x-repo-commit");
        let commit = commit
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let path = into.join(file);
        let write = || -> io::Result<()> {
            fs::create_dir_all(path.parent().unwrap_or(into))?;
            let mut out = fs::File::create(&path)?;
            io::copy(&mut response.into_body().into_reader(), &mut out)?;
            out.sync_all()
        };
        write().map_err(|error| format!("{address}: {error}"))?;
        Ok(Some(commit))
    }
}

/// Moves a whole snapshot to its place, then lets the revision name it.
fn place(partial: &Path, snapshot: &Path, reference: &Path, commit: &str) -> io::Result<()> {
    fs::create_dir_all(snapshot.parent().unwrap_or(snapshot))?;
    if snapshot.is_dir() {
        fs::remove_dir_all(snapshot)?;
    }
    fs::rename(partial, snapshot)?;
    fs::create_dir_all(reference.parent().unwrap_or(reference))?;
    fs::write(reference, commit)
}
