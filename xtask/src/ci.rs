//! `ci`: the gate, the same here and on a server, cheapest check first.

use std::io::{self, Write};
use std::time::Instant;

use anyhow::Result;

use crate::cargo::Cargo;
use crate::{docs, reliability, status, test, tidy};

/// One check of the gate.
struct Step {
    name: &'static str,
    /// Gives an exit code; 0 passes.
    run: fn(&Cargo) -> Result<u8>,
}

const STEPS: [Step; 6] = [
    Step {
        name: "fmt",
        run: fmt,
    },
    Step {
        name: "tidy",
        run: tidy::run,
    },
    Step {
        name: "clippy",
        run: clippy,
    },
    Step {
        name: "test",
        run: |cargo| test::run(cargo, &[]),
    },
    Step {
        name: "docs",
        run: docs::check,
    },
    Step {
        name: "reliability",
        run: |cargo| reliability::run(cargo, &reliability::Args::default()),
    },
];

/// Runs the steps up to the first that fails, whose exit code is the gate's.
pub fn run(cargo: &Cargo) -> Result<u8> {
    run_steps(&STEPS, cargo, &mut io::stdout())
}

fn fmt(cargo: &Cargo) -> Result<u8> {
    status::step(cargo.command("fmt").args(["--all", "--check"]))
}

fn clippy(cargo: &Cargo) -> Result<u8> {
    let mut command = cargo.compile("clippy");
    command.args([
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]);
    status::step(&mut command)
}

fn run_steps(steps: &[Step], cargo: &Cargo, out: &mut impl Write) -> Result<u8> {
    let started = Instant::now();
    for (index, step) in steps.iter().enumerate() {
        let of = steps.len();
        writeln!(out, "ci {}/{of} {}: running", index + 1, step.name)?;
        let step_started = Instant::now();
        let code = (step.run)(cargo)?;
        let seconds = step_started.elapsed().as_secs_f64();
        if code != 0 {
            let skipped: Vec<_> = steps[index + 1..].iter().map(|step| step.name).collect();
            write!(
                out,
                "ci {}/{of} {}: FAILED after {seconds:.1} s with exit code {code}",
                index + 1,
                step.name
            )?;
            if !skipped.is_empty() {
                write!(out, "; not run: {}", skipped.join(", "))?;
            }
            writeln!(out)?;
            return Ok(code);
        }
        writeln!(
            out,
            "ci {}/{of} {}: passed in {seconds:.1} s",
            index + 1,
            step.name
        )?;
    }
    writeln!(
        out,
        "ci: all passed in {:.1} s",
        started.elapsed().as_secs_f64()
    )?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSES: Step = Step {
        name: "passes",
        run: |_| Ok(0),
    };
    const FAILS: Step = Step {
        name: "fails",
        run: |_| Ok(101),
    };
    const NEVER: Step = Step {
        name: "never",
        run: |_| panic!("ran after a failure"),
    };

    fn gate(steps: &[Step]) -> (u8, String) {
        let mut out = Vec::new();
        let code = run_steps(steps, &Cargo::new(Vec::new()), &mut out).expect("no step errs");
        (code, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn the_first_failure_ends_the_gate_and_says_so() {
        let (code, out) = gate(&[PASSES, FAILS, NEVER]);
        assert_eq!(code, 101);
        assert!(out.contains("ci 1/3 passes: passed in "), "{out}");
        assert!(out.contains("ci 2/3 fails: FAILED after "), "{out}");
        assert!(
            out.ends_with("with exit code 101; not run: never\n"),
            "{out}"
        );
    }

    #[test]
    fn a_clean_gate_passes() {
        let (code, out) = gate(&[PASSES, PASSES]);
        assert_eq!(code, 0);
        assert!(out.contains("\nci: all passed in "), "{out}");
    }
}
