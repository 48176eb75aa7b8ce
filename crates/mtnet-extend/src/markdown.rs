//! The report as Markdown: `extend.md`, and what a terminal shows.

use std::fmt::Write as _;

use mtnet_compare::parts::{number, signed};
use mtnet_metrics::{Estimate, Unit};

use crate::ExtendReport;

impl ExtendReport {
    /// The tables and sentences of the report.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "# Extended: {}\n", self.run)?;
        let replay = match self.replay {
            Some(share) => format!("{:.0} % of the old tasks' examples replayed", 100.0 * share),
            None => "nothing replayed".to_owned(),
        };
        writeln!(
            text,
            "From {}: `--train-only {}`, {replay}; {} numbers trained in {} steps, those of step {} \
             selected. Intervals are of a bootstrap over the examples ({} samples).\n",
            self.model.display(),
            self.train_only,
            self.trained_parameters,
            self.steps,
            self.best_step,
            self.resamples
        )?;
        writeln!(
            text,
            "| new task | metric | split | examples | majority | score |"
        )?;
        writeln!(text, "|---|---|---|---|---|---|")?;
        for new in &self.new {
            let majority = new.majority.filter(|score| score.is_finite());
            let majority = majority.map_or("–".to_owned(), |score| number(score, new.unit));
            writeln!(
                text,
                "| {} | {} | {} | {} | {majority} | {} |",
                new.task,
                new.metric,
                new.split,
                new.examples,
                with_interval(&new.score, new.unit)
            )?;
        }
        writeln!(
            text,
            "\n| old task | metric | split | examples | before | after | change |"
        )?;
        writeln!(text, "|---|---|---|---|---|---|---|")?;
        for old in &self.old {
            match &old.standing {
                Some(standing) => writeln!(
                    text,
                    "| {} | {} | {} | {} | {} | {} | {} |",
                    old.task,
                    standing.metric,
                    standing.split,
                    standing.examples,
                    number(standing.before, standing.unit),
                    number(standing.after, standing.unit),
                    match standing.same_answers {
                        true => "none".to_owned(),
                        false => signed(&standing.gain, standing.unit),
                    }
                )?,
                None => writeln!(text, "| {} | – | – | – | – | – | – |", old.task)?,
            }
        }
        writeln!(text)?;
        let new = self.new.iter().map(|new| &new.sentence);
        let old = self.old.iter().map(|old| &old.sentence);
        for sentence in new.chain(old).chain(&self.notes) {
            writeln!(text, "- {sentence}")?;
        }
        Ok(())
    }
}

/// `81.2 (79.0 to 83.1)`.
fn with_interval(score: &Estimate, unit: Unit) -> String {
    let [value, lower, upper] =
        [score.value, score.lower, score.upper].map(|score| number(score, unit));
    format!("{value} ({lower} to {upper})")
}
