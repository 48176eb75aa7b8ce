//! The `mtnet` program: train, score, ask and check multi-task models.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    mtnet::kernels::prepare_process();
    cli::main()
}
