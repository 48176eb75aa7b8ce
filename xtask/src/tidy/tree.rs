//! The text files of the workspace, as git sees them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::code::code_only;

/// Files beyond this many bytes are data, not text that somebody wrote.
const MAX_BYTES: u64 = 4 << 20;

/// A text file.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// Relative to the workspace, with `/` between the parts.
    pub path: String,
    /// What it holds.
    pub text: String,
    /// Of Rust sources, the text with comments and literals blanked; else empty.
    pub code: String,
}

/// Every text file of the workspace.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Ordered by path.
    pub files: Vec<TextFile>,
}

impl Tree {
    /// Reads the workspace at `root`: what git tracks or would track, or, outside a repository,
    /// everything but build outputs and hidden folders.
    ///
    /// # Errors
    /// If a folder or a file cannot be read.
    pub fn read(root: &Path) -> Result<Self> {
        let mut paths = match listed_by_git(root) {
            Some(paths) => paths,
            None => walked(root)?,
        };
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            if let Some(text) = read_text(&root.join(&path))? {
                files.push(TextFile::new(path, text));
            }
        }
        Ok(Self { files })
    }

    /// The Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// The line, from 1, of `path` that begins with `word`, or 1 where none does.
    pub fn line_of(&self, path: &str, word: &str) -> usize {
        let file = self.files.iter().find(|file| file.path == path);
        let line = file.and_then(|file| file.text.lines().position(|line| starts(line, word)));
        line.map_or(1, |index| index + 1)
    }
}

impl TextFile {
    /// A file with its code told from its comments.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let mut file = Self {
            path,
            text,
            code: String::new(),
        };
        if file.is_rust() {
            file.code = code_only(&file.text);
        }
        file
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Lines of code, numbered from 1.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Whether `line` begins with `word` and `word` ends there: `mtnet-core` is not `mtnet-core-x`.
fn starts(line: &str, word: &str) -> bool {
    line.strip_prefix(word).is_some_and(|rest| {
        !rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '-' | '_'))
    })
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let list = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<String> = list
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(Into::into)
        .collect();
    // A copy inside somebody else's repository is ignored there, and the list is empty.
    paths
        .iter()
        .any(|path| path == "Cargo.toml")
        .then_some(paths)
}

fn walked(root: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let place = root.join(&folder);
        let context = || format!("listing {}", place.display());
        for entry in fs::read_dir(&place).with_context(context)? {
            let entry = entry.with_context(context)?;
            let path = format!("{folder}{}", entry.file_name().to_string_lossy());
            // A link counts as neither: what it leads to is not ours.
            let kind = entry.file_type().with_context(context)?;
            if kind.is_dir() && !is_skipped(&path) {
                folders.push(path + "/");
            } else if kind.is_file() {
                paths.push(path);
            }
        }
    }
    Ok(paths)
}

fn is_skipped(folder: &str) -> bool {
    let hidden = folder
        .rsplit('/')
        .next()
        .is_some_and(|name| name.starts_with('.'));
    matches!(folder, "target" | "runs") || hidden && !matches!(folder, ".cargo" | ".ci" | ".github")
}

/// The text, or nothing where the file is gone, a link, binary or too large.
fn read_text(path: &Path) -> Result<Option<String>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_BYTES => {}
        _ => return Ok(None),
    }
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::root;

    fn lists(paths: &[String], path: &str) -> bool {
        paths.iter().any(|listed| listed == path)
    }

    #[test]
    fn the_walk_finds_sources_and_no_build_output() {
        let paths = walked(&root()).expect("the workspace is readable");
        assert!(lists(&paths, "xtask/src/tidy/tree.rs"));
        assert!(lists(&paths, ".ci/run"));
        assert!(
            !paths
                .iter()
                .any(|path| path.starts_with("target/") || path.starts_with(".git/"))
        );
    }

    #[test]
    fn the_tree_holds_text_and_its_code() {
        let tree = Tree::read(&root()).expect("the workspace is readable");
        let file = tree
            .rust()
            .find(|file| file.path == "xtask/src/tidy/tree.rs")
            .expect("listed");
        assert_eq!(file.name(), "tree.rs");
        assert!(file.text.starts_with("//!"));
        assert!(file.code.contains("pub struct Tree"));
        assert_eq!(file.text.lines().count(), file.code.lines().count());
    }

    #[test]
    fn a_line_is_found_by_its_whole_first_word() {
        let text = "[dependencies]\nmtnet-core-x = \"1\"\nmtnet-core.workspace = true\n";
        let tree = Tree {
            files: vec![TextFile::new("Cargo.toml", text)],
        };
        assert_eq!(tree.line_of("Cargo.toml", "mtnet-core"), 3);
        assert_eq!(tree.line_of("Cargo.toml", "mtnet-data"), 1);
        assert_eq!(tree.line_of("elsewhere", "mtnet-core"), 1);
    }
}
