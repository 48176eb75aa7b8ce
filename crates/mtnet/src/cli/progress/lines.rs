//! Progress in lines, for a file or a log: stages, scores, and a step now and then.

use std::io::Write;
use std::time::{Duration, Instant};

use mtnet::train::events::{EvaluationEvent, StepEvent};
use mtnet::train::trainer::Progress;

use super::Words;
use crate::cli::format::grouped;

/// Time between two lines about steps.
const BETWEEN_STEPS: Duration = Duration::from_secs(10);

/// Writes lines. A writer that fails ends nothing: a run is worth more than its log.
#[derive(Debug)]
pub struct Lines<W> {
    out: W,
    words: Words,
    last_step: Option<Instant>,
}

impl<W: Write> Lines<W> {
    /// Lines into `out`.
    pub fn new(out: W, words: Words) -> Self {
        Self {
            out,
            words,
            last_step: None,
        }
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }
}

impl<W: Write> Progress for Lines<W> {
    fn stage(&mut self, message: &str) {
        self.line(message);
    }

    fn step(&mut self, event: &StepEvent, total_steps: u64) {
        let due = self
            .last_step
            .is_none_or(|last| last.elapsed() >= BETWEEN_STEPS);
        if due || event.step == total_steps {
            self.last_step = Some(Instant::now());
            let words = self.words.step(event);
            self.line(&format!(
                "step {}/{}  {words}",
                grouped(event.step),
                grouped(total_steps)
            ));
        }
    }

    fn evaluation(&mut self, event: &EvaluationEvent) {
        let words = self.words.evaluation(event);
        self.line(&words);
    }

    fn message(&mut self, text: &str) {
        self.line(text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::{evaluation, step};
    use super::*;

    #[test]
    fn steps_are_told_now_and_then_and_at_the_end() {
        let mut lines = Lines::new(Vec::new(), Words::default());
        lines.stage("training");
        for number in [20, 40, 1200] {
            lines.step(&step(number), 1200);
        }
        lines.evaluation(&evaluation());
        let text = String::from_utf8(lines.out).unwrap();
        let starts: Vec<&str> = text
            .lines()
            .map(|line| line.split("  ").next().unwrap())
            .collect();
        assert_eq!(
            starts,
            ["training", "step 20/1,200", "step 1,200/1,200", "dev"]
        );
    }
}
