//! The report as Markdown: `tune.md`, and what a terminal shows.

use std::fmt::Write as _;

use crate::TuneReport;
use crate::settings::line;

/// Trials in the table of the best.
const SHOWN: usize = 10;

impl TuneReport {
    /// The tables and sentences of the report.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let failed = self
            .trials
            .iter()
            .filter(|trial| trial.failure.is_some())
            .count();
        writeln!(text, "# Settings of {}\n", self.run)?;
        writeln!(
            text,
            "{} trials by {} (seed {}), {failed} of them failed. Ranked by `{}` on the development data; \
             higher is better.{}{}\n",
            self.trials.len(),
            match self.sampler {
                mtnet_train::run_file::SamplerKind::Random => "random search",
                mtnet_train::run_file::SamplerKind::Tpe => "TPE",
            },
            self.seed,
            self.objective,
            self.lengths(),
            if self.out_of_time {
                " The budget ended the search."
            } else {
                ""
            },
        )?;
        self.table(text)?;
        self.winner(text)?;
        self.shares(text)?;
        self.failures(text)
    }

    fn lengths(&self) -> String {
        if self.pauses.is_empty() {
            return String::new();
        }
        let pauses: Vec<String> = self.pauses.iter().map(u32::to_string).collect();
        format!(
            " Trials were ranked after {} epochs, and the best went on to the end.",
            pauses.join(" and ")
        )
    }

    fn table(&self, text: &mut String) -> std::fmt::Result {
        let names: Vec<&str> = self.best.settings.keys().map(String::as_str).collect();
        writeln!(text, "| trial | score | epochs | {} |", names.join(" | "))?;
        writeln!(text, "|---|---|---|{}", "---|".repeat(names.len()))?;
        for number in self.ranking().into_iter().take(SHOWN) {
            let trial = &self.trials[number];
            let Some(last) = trial.scores.last() else {
                continue;
            };
            write!(
                text,
                "| {number} | {:.4} | {} |",
                last.score,
                hundredths(last.epochs)
            )?;
            for name in &names {
                match trial.settings.get(*name) {
                    Some(value) => write!(text, " {value} |")?,
                    None => write!(text, " – |")?,
                }
            }
            writeln!(text)?;
        }
        writeln!(text)
    }

    fn winner(&self, text: &mut String) -> std::fmt::Result {
        let best = &self.best;
        writeln!(
            text,
            "Best: trial {}, {}.\n",
            best.trial,
            line(&best.settings)
        )?;
        match &best.test {
            None => writeln!(
                text,
                "There is no test data: no score of it is free of the choice.\n"
            ),
            Some(test) => {
                writeln!(
                    text,
                    "**Test data, scored {} after the choice, with trial {} alone:**\n",
                    match best.test_looks {
                        1 => "once".to_owned(),
                        looks => format!("for the {looks}th winner of this search"),
                    },
                    best.trial
                )?;
                writeln!(text, "| task | metric | test |\n|---|---|---|")?;
                for (task, metrics) in test {
                    for (metric, value) in metrics {
                        writeln!(text, "| {task} | {metric} | {value:.4} |")?;
                    }
                }
                writeln!(
                    text,
                    "\nThe score on the development data is the best of {} and so flatters; this one does not.\n",
                    self.trials.len()
                )
            }
        }
    }

    fn shares(&self, text: &mut String) -> std::fmt::Result {
        let Some(first) = self.importance.first() else {
            return Ok(());
        };
        writeln!(
            text,
            "Importance: share of the variance of the scores' ranks that goes with a setting alone (ε² over \
             choices, or quarters of a range; {} trials{}).\n",
            first.trials,
            if self.pauses.is_empty() {
                ""
            } else {
                " at the first rung"
            }
        )?;
        writeln!(text, "| setting | share | trend |\n|---|---|---|")?;
        for one in &self.importance {
            let trend = one
                .trend
                .map_or("–".to_owned(), |trend| format!("{trend:+.2}"));
            writeln!(text, "| {} | {:.2} | {trend} |", one.setting, one.share)?;
        }
        writeln!(text)
    }

    fn failures(&self, text: &mut String) -> std::fmt::Result {
        for (number, trial) in self.trials.iter().enumerate() {
            if let Some(reason) = &trial.failure {
                let reason = reason.lines().next().unwrap_or_default();
                writeln!(
                    text,
                    "- trial {number} failed: {reason} ({})",
                    line(&trial.settings)
                )?;
            }
        }
        Ok(())
    }
}

/// Epochs with two digits behind the point, without zeros at the end.
fn hundredths(epochs: f64) -> f64 {
    (epochs * 100.0).round() / 100.0
}
