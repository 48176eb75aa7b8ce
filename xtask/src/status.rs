//! Starting other programs, and what their end means as an exit code.

use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result};

/// Runs a step without standard input and gives its exit code.
///
/// # Errors
/// If the program cannot be started.
pub fn step(command: &mut Command) -> Result<u8> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("starting `{}`", command.get_program().display()))?;
    Ok(exit_code(status))
}

/// Becomes the program: its input, its signals and its exit code are ours.
///
/// On Unix the process is replaced, so that a signal sent to us reaches a training run, which
/// then has its time to write a checkpoint, and nothing stands between.
///
/// # Errors
/// If the program cannot be started.
#[cfg(unix)]
pub fn become_program(command: &mut Command) -> Result<u8> {
    use std::os::unix::process::CommandExt as _;

    let error = command.exec();
    Err(error).with_context(|| format!("starting `{}`", command.get_program().display()))
}

/// Becomes the program: its input, its signals and its exit code are ours.
///
/// # Errors
/// If the program cannot be started.
#[cfg(not(unix))]
pub fn become_program(command: &mut Command) -> Result<u8> {
    let status = command
        .status()
        .with_context(|| format!("starting `{}`", command.get_program().display()))?;
    Ok(exit_code(status))
}

/// The program's own code; 128 + n where signal n ended it, as shells count.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| signal(status).map(|signal| 128 + signal));
    // A code beyond a byte (Windows) must stay a failure.
    code.map_or(1, |code| u8::try_from(code).unwrap_or(1))
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt as _;

    status.signal()
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> u8 {
        step(Command::new("sh").args(["-c", script])).expect("sh is there")
    }

    #[test]
    fn codes_are_handed_on_and_signals_counted_as_shells_do() {
        assert_eq!(shell("exit 0"), 0);
        assert_eq!(shell("exit 3"), 3);
        assert_eq!(shell("kill -TERM $$"), 128 + 15);
        assert_eq!(shell("kill -KILL $$"), 128 + 9);
    }

    #[test]
    fn a_step_finds_no_input() {
        assert_eq!(shell("! read line"), 0);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = step(&mut Command::new("no-such-program")).expect_err("nothing to start");
        assert!(error.to_string().contains("no-such-program"), "{error}");
    }
}
