//! Cargo, told where the workspace lies and which features to compile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds cargo's command lines.
#[derive(Clone, Debug)]
pub struct Cargo {
    program: OsString,
    features: Vec<String>,
}

impl Cargo {
    /// The cargo that started us, compiling with `features`.
    pub fn new(features: Vec<String>) -> Self {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self { program, features }
    }

    /// `cargo VERB` on this workspace, wherever the user stands.
    ///
    /// The working directory is left alone, so that paths on the command line mean what the
    /// user means.
    pub fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(verb)
            .arg("--manifest-path")
            .arg(root().join("Cargo.toml"));
        command
    }

    /// [`Cargo::command`] of a verb that compiles, and so takes the features.
    pub fn compile(&self, verb: &str) -> Command {
        let mut command = self.command(verb);
        if !self.features.is_empty() {
            command.arg("--features").arg(self.features.join(","));
        }
        command
    }
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(command: &Command) -> Vec<String> {
        command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("xtask/src/cargo.rs").is_file());
    }

    #[test]
    fn only_what_compiles_takes_features() {
        let cargo = Cargo::new(vec!["cuda".into(), "metal".into()]);
        let manifest = root().join("Cargo.toml").to_string_lossy().into_owned();
        assert_eq!(
            arguments(&cargo.command("fmt")),
            ["fmt", "--manifest-path", &manifest]
        );
        assert_eq!(
            arguments(&cargo.compile("run")),
            [
                "run",
                "--manifest-path",
                &manifest,
                "--features",
                "cuda,metal"
            ]
        );
        let plain = Cargo::new(Vec::new());
        assert_eq!(
            arguments(&plain.compile("run")),
            arguments(&plain.command("run"))
        );
    }
}
