//! `bench`: the benchmarks of `benches/`, in release mode.

use std::ffi::OsString;

use anyhow::Result;

use crate::cargo::Cargo;
use crate::status;

/// Becomes the benchmark binary with `args`.
pub fn run(cargo: &Cargo, args: &[OsString]) -> Result<u8> {
    let mut command = cargo.compile("run");
    command
        .args(["--release", "--package", "mtnet-benches", "--"])
        .args(args);
    status::become_program(&mut command)
}
