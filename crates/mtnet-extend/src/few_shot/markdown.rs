//! The curves as Markdown: `few-shot.md`, and what a terminal shows.

use std::fmt::Write as _;

use mtnet_compare::parts::{mean, number, signed};

use super::{FewShotReport, FewShotTask};

impl FewShotReport {
    /// A table and a sentence a size, for every task.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        let level = 100.0 * self.level;
        writeln!(text, "# With few examples: {}\n", self.run)?;
        writeln!(
            text,
            "Multi-task encoder: {}. Plain encoder: {}. Both learn each task alone (`--train-only {}`) from \
             the same examples, in the same steps, selected on the same development data. Seeds {}. Scores \
             are means over seeds ± half of Student's {level:.0} % interval; gains are with the {level:.0} % \
             interval of a paired bootstrap over test examples and seeds ({} samples).\n",
            self.model,
            self.against,
            self.train_only,
            seeds.join(", "),
            self.resamples
        )?;
        for task in &self.tasks {
            task.write(text)?;
        }
        Ok(())
    }
}

impl FewShotTask {
    fn write(&self, text: &mut String) -> std::fmt::Result {
        write!(
            text,
            "## {}\n\n{} on {} examples ({})",
            self.task, self.metric, self.examples, self.split
        )?;
        match self.majority {
            Some(score) => writeln!(
                text,
                "; the commonest answer {}.\n",
                number(score, self.unit)
            )?,
            None => writeln!(text, ".\n")?,
        }
        writeln!(text, "| examples | steps | multi-task | plain | gain |")?;
        writeln!(text, "|---|---|---|---|---|")?;
        for point in &self.points {
            writeln!(
                text,
                "| {}{} | {} | {} | {} | {} |",
                point.size,
                if point.is_all { " (all)" } else { "" },
                point.steps,
                mean(&point.multi_mean, self.unit),
                mean(&point.plain_mean, self.unit),
                signed(&point.gain, self.unit)
            )?;
        }
        writeln!(text)?;
        for point in &self.points {
            writeln!(text, "- {}", point.sentence)?;
        }
        if !self.left_out.is_empty() {
            let sizes: Vec<String> = self.left_out.iter().map(usize::to_string).collect();
            writeln!(
                text,
                "- Left out: {}; there are {} training examples.",
                sizes.join(", "),
                self.available
            )?;
        }
        writeln!(text)
    }
}
