//! Progress on a terminal: a spinner for each stage, a bar for the steps, scores above it.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use mtnet::train::events::{EvaluationEvent, StepEvent};
use mtnet::train::trainer::Progress;

use super::Words;

/// Draws over one line.
#[derive(Debug)]
pub struct Bars {
    words: Words,
    colors: bool,
    line: ProgressBar,
    counts_steps: bool,
}

impl Bars {
    /// Nothing is drawn before the first stage.
    pub fn new(words: Words, colors: bool) -> Self {
        Self {
            words,
            colors,
            line: ProgressBar::hidden(),
            counts_steps: false,
        }
    }

    fn style(&self, template: &str) -> ProgressStyle {
        let template = match self.colors {
            true => template.to_owned(),
            false => template.replace(".cyan/blue", ""),
        };
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
    }
}

impl Progress for Bars {
    fn stage(&mut self, message: &str) {
        self.line.finish_and_clear();
        self.line =
            ProgressBar::new_spinner().with_style(self.style("{spinner} {msg} ({elapsed})"));
        self.line.set_message(message.to_owned());
        self.line.enable_steady_tick(Duration::from_millis(120));
        self.counts_steps = false;
    }

    fn step(&mut self, event: &StepEvent, total_steps: u64) {
        if !self.counts_steps {
            self.line.finish_and_clear();
            let template = "{bar:28.cyan/blue} {pos}/{len}  {msg}  {elapsed} of {duration}";
            self.line = ProgressBar::new(total_steps).with_style(self.style(template));
            self.counts_steps = true;
        }
        self.line.set_message(self.words.step(event));
        self.line.set_position(event.step);
    }

    fn evaluation(&mut self, event: &EvaluationEvent) {
        self.line.println(self.words.evaluation(event));
    }

    fn message(&mut self, text: &str) {
        self.line.println(text);
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
