//! `train`: the quick-start recipe where no other run file is named.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::Result;

use crate::cargo::{self, Cargo};
use crate::mtnet;

/// Becomes `mtnet train`.
pub fn run(cargo: &Cargo, args: Vec<OsString>) -> Result<u8> {
    mtnet::run(cargo, "train", &with_recipe(args, &cargo::root()))
}

/// Puts the quick-start recipe of the workspace `root` before `args`, unless they name what to
/// train or ask for help.
fn with_recipe(mut args: Vec<OsString>, root: &Path) -> Vec<OsString> {
    if !args.iter().any(|argument| says_what_to_do(argument)) {
        args.insert(0, root.join("recipes/quickstart.toml").into());
    }
    args
}

/// A run file, a run to resume, or help. `run.name=x.toml` is an override and none of these.
fn says_what_to_do(argument: &OsStr) -> bool {
    let text = argument.to_string_lossy();
    let run_file = text.ends_with(".toml") && !text.contains('=');
    run_file || matches!(&*text, "--resume" | "--help" | "-h") || text.starts_with("--resume=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(args: &[&str], expected: &[&str]) {
        let args = args.iter().map(OsString::from).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|argument| match *argument {
                "RECIPE" => Path::new("root").join("recipes/quickstart.toml").into(),
                other => OsString::from(other),
            })
            .collect();
        assert_eq!(with_recipe(args, Path::new("root")), expected);
    }

    #[test]
    fn the_quick_start_stands_in_for_a_missing_run_file() {
        check(&[], &["RECIPE"]);
        check(&["--output", "runs/x"], &["RECIPE", "--output", "runs/x"]);
        check(&["run.name=a.toml"], &["RECIPE", "run.name=a.toml"]);
    }

    #[test]
    fn a_named_run_is_left_alone() {
        check(&["a.toml", "train.epochs=1"], &["a.toml", "train.epochs=1"]);
        check(&["--output", "x", "a.toml"], &["--output", "x", "a.toml"]);
        check(&["--resume", "runs/x"], &["--resume", "runs/x"]);
        check(&["--resume=runs/x"], &["--resume=runs/x"]);
        check(&["--help"], &["--help"]);
    }
}
