//! Advice as Markdown, and the outcome of a trial in words.

use std::fmt::Write as _;

use super::evidence::losing;
use super::{Advice, Tried};
use crate::report::CompareReport;
use crate::sentence::{interval, relative};
use crate::systems::MULTI;

/// What a trial came to.
pub(super) fn outcome(
    chosen: Option<&Tried>,
    tried: &[Tried],
    before: &CompareReport,
    after: &CompareReport,
) -> String {
    let Some(chosen) = chosen else {
        return match tried.len() {
            0 => "None was trained to its end, so nothing can be said.".to_owned(),
            _ => "None paid: on the development data, no proposal is better than the multi-task \
                  run as it stands."
                .to_owned(),
        };
    };
    let test = &chosen.test_gain;
    let verdict = match (test.excludes_zero(), test.value > 0.0) {
        (true, true) => "it paid",
        (true, false) => "it cost",
        (false, _) => "whether it paid is not shown",
    };
    let mut text = format!(
        "Of {} tried, `{}` is best on the development data ({:+.2} % over the multi-task run). On \
         the test data {verdict}: {} over the multi-task run.",
        tried.len(),
        chosen.name,
        chosen.dev_gain,
        relative(test)
    );
    for task in losing(before) {
        let found = after.tasks.iter().find(|found| &found.task == task.name());
        let gain_of = |method: &str| found.and_then(|found| found.of(method)?.gain);
        if let (Some(was), Some(is)) = (gain_of(MULTI), gain_of(&chosen.name)) {
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                " {} over single-task models: {} before, {} with it.",
                task.name(),
                interval(&was, task.report.unit),
                interval(&is, task.report.unit)
            );
        }
    }
    text
}

impl Advice {
    /// The section of the report.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "## Advice\n")?;
        for task in &self.losing {
            writeln!(text, "- {}", task.sentence)?;
        }
        if !self.losing.is_empty() {
            writeln!(text)?;
        }
        writeln!(text, "{}", self.sentence)?;
        for (number, proposal) in self.proposals.iter().enumerate() {
            writeln!(
                text,
                "\n{}. **{}**: {} (`{}`; support {:.0} %)",
                number + 1,
                proposal.name,
                proposal.changes.join(", "),
                proposal.files.join("`, `"),
                100.0 * proposal.support
            )?;
            for evidence in &proposal.evidence {
                writeln!(text, "   - {evidence}")?;
            }
        }
        let Some(trial) = &self.trial else {
            return Ok(());
        };
        if !trial.tried.is_empty() {
            writeln!(text, "\n| proposal | development data | test data |")?;
            writeln!(text, "|---|---|---|")?;
            for tried in &trial.tried {
                let test = relative(&tried.test_gain);
                writeln!(
                    text,
                    "| {} | {:+.2} % | {test} |",
                    tried.name, tried.dev_gain
                )?;
            }
            writeln!(
                text,
                "\nMean relative gains over the multi-task run; the development data chooses."
            )?;
        }
        writeln!(text, "\n{}", trial.sentence)?;
        for left_out in &trial.left_out {
            writeln!(
                text,
                "- {} was left out: {}.",
                left_out.name, left_out.reason
            )?;
        }
        Ok(())
    }
}
