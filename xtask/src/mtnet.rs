//! The verbs of the `mtnet` binary, in release mode.

use std::ffi::OsString;

use anyhow::Result;

use crate::cargo::Cargo;
use crate::status;

/// Compiles the binary where needed and becomes `mtnet VERB ARGS`.
pub fn run(cargo: &Cargo, verb: &str, args: &[OsString]) -> Result<u8> {
    let mut command = cargo.compile("run");
    command
        .args([
            "--release",
            "--package",
            "mtnet",
            "--bin",
            "mtnet",
            "--",
            verb,
        ])
        .args(args);
    status::become_program(&mut command)
}
