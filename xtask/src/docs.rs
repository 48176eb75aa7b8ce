//! `docs`: the documentation of the workspace's own crates.

use std::process::Command;

use anyhow::Result;

use crate::cargo::Cargo;
use crate::status;

/// Builds the documentation, and opens it where asked to.
pub fn run(cargo: &Cargo, open: bool) -> Result<u8> {
    let mut command = build(cargo);
    if open {
        command.arg("--open");
    }
    status::step(&mut command)
}

/// Builds the documentation; a warning, such as a link that leads nowhere, is a failure.
pub fn check(cargo: &Cargo) -> Result<u8> {
    status::step(
        build(cargo)
            .arg("--locked")
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

fn build(cargo: &Cargo) -> Command {
    let mut command = cargo.compile("doc");
    command.args(["--workspace", "--no-deps"]);
    command
}
