//! `test`: every test of the workspace, documentation examples included.

use std::ffi::OsString;

use anyhow::Result;

use crate::cargo::Cargo;
use crate::status;

/// Runs `cargo test` over the workspace with `args` behind it.
pub fn run(cargo: &Cargo, args: &[OsString]) -> Result<u8> {
    status::step(
        cargo
            .compile("test")
            .args(["--workspace", "--locked"])
            .args(args),
    )
}
