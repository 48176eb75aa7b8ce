//! The report as Markdown: `compare.md`, and what a terminal shows.

use std::fmt::Write as _;

use crate::cells::{mean, number, signed, signed_per_cent};
use crate::systems::SINGLE;
use crate::{Budget, CompareReport, MethodReport, MethodScores, TaskReport};

impl CompareReport {
    /// The tables and sentences of the report.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        let level = 100.0 * self.level;
        writeln!(text, "# Does sharing help? {}\n", self.run)?;
        writeln!(
            text,
            "Seeds {}. Scores are means over seeds ± half of Student's {level:.0} % interval; gains are \
             over single-task models, with the {level:.0} % interval of a paired bootstrap over examples \
             and seeds ({} samples). {}\n",
            seeds.join(", "),
            self.resamples,
            match self.budget {
                Budget::Examples =>
                    "A single-task model saw as many examples of its task, in batches as large.",
                Budget::Steps =>
                    "A single-task model saw as many examples of its task, in as many steps.",
            }
        )?;
        self.scores(text)?;
        self.gains(text)?;
        for task in &self.tasks {
            writeln!(text, "- {}", task.sentence)?;
        }
        writeln!(text, "\n{}\n", self.overall.sentence)?;
        self.cost(text)?;
        match &self.advice {
            Some(advice) => write!(text, "\n{}", advice.markdown()),
            None => Ok(()),
        }
    }

    fn scores(&self, text: &mut String) -> std::fmt::Result {
        let names: Vec<&str> = self
            .methods
            .iter()
            .map(|method| method.name.as_str())
            .collect();
        writeln!(
            text,
            "| task | metric | examples | majority | {} |",
            names.join(" | ")
        )?;
        writeln!(text, "|---|---|---|---|{}", "---|".repeat(names.len()))?;
        for task in &self.tasks {
            let majority = task.majority.filter(|score| score.is_finite());
            let majority = majority.map_or("–".to_owned(), |score| number(score, task.unit));
            write!(
                text,
                "| {} | {} | {} | {majority} |",
                task.task, task.metric, task.examples
            )?;
            for method in &self.methods {
                match task.of(&method.name) {
                    Some(scores) => write!(text, " {} |", mean(&scores.mean, task.unit))?,
                    None => write!(text, " – |")?,
                }
            }
            writeln!(text)?;
        }
        writeln!(text)
    }

    fn gains(&self, text: &mut String) -> std::fmt::Result {
        let others: Vec<&MethodReport> = self
            .methods
            .iter()
            .filter(|method| method.name != SINGLE)
            .collect();
        let names: Vec<&str> = others.iter().map(|method| method.name.as_str()).collect();
        writeln!(text, "| gain over {SINGLE} | {} |", names.join(" | "))?;
        writeln!(text, "|---|{}", "---|".repeat(names.len()))?;
        for task in &self.tasks {
            write!(text, "| {} |", task.task)?;
            for method in &others {
                match task.of(&method.name).and_then(|scores| scores.gain) {
                    Some(gain) => write!(text, " {} |", signed(&gain, task.unit))?,
                    None => write!(text, " – |")?,
                }
            }
            writeln!(text)?;
        }
        write!(text, "| Δm in % |")?;
        for method in &others {
            match &method.delta_m {
                Some(gain) => write!(text, " {} |", signed_per_cent(gain))?,
                None => write!(text, " – |")?,
            }
        }
        writeln!(text, "\n")
    }

    fn cost(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "| system | models | parameters | steps | seconds of training | |"
        )?;
        writeln!(text, "|---|---|---|---|---|---|")?;
        for method in &self.methods {
            writeln!(
                text,
                "| {} | {} | {} | {} | {:.1} | {} |",
                method.name,
                method.models.len(),
                method.parameters,
                method.steps,
                method.seconds,
                method.about
            )?;
        }
        if let Some(cost) = &self.inference {
            writeln!(
                text,
                "\nAnswering all tasks for one text, on one thread: {:.3} ms from one pass of the \
                 shared model, {:.3} ms from {} models, {:.1} times as long ({} texts, fastest of {}).",
                1e3 * cost.multi_seconds,
                1e3 * cost.single_seconds,
                cost.single_models,
                cost.single_seconds / cost.multi_seconds,
                cost.texts,
                cost.repeats
            )?;
        }
        Ok(())
    }
}

impl TaskReport {
    /// The scores of a system.
    pub fn of(&self, method: &str) -> Option<&MethodScores> {
        self.methods.iter().find(|scores| scores.method == method)
    }
}
