//! Progress as a view of the whole run; lines once it was quit, for the run goes on.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use mtnet::report::tui::LiveView;
use mtnet::train::events::{EvaluationEvent, StepEvent};
use mtnet::train::trainer::Progress;

use super::Lines;
use crate::cli::exit::Stop;

/// The view draws what the log says; only stages and messages are told to it.
#[derive(Debug)]
pub struct View<W> {
    view: LiveView,
    then: Lines<W>,
}

impl<W: Write> View<W> {
    /// Opens the view of a run folder.
    ///
    /// # Errors
    /// If there is no terminal.
    pub fn open(folder: &Path, then: Lines<W>) -> anyhow::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(Stop::usage(
                "--tui needs a terminal; leave it out, and look at the run from one with \
                 `mtnet report RUNDIR --tui`",
            ));
        }
        let interrupt = || {
            // As Ctrl-C would have been, had the view not taken it as a key.
            let _ = signal_hook::low_level::raise(signal_hook::consts::SIGINT);
        };
        let view = LiveView::open(folder.to_owned(), interrupt)?;
        Ok(Self { view, then })
    }
}

impl<W: Write> Progress for View<W> {
    fn stage(&mut self, message: &str) {
        match self.view.is_open() {
            true => self.view.stage(message),
            false => self.then.stage(message),
        }
    }

    fn step(&mut self, event: &StepEvent, total_steps: u64) {
        if !self.view.is_open() {
            self.then.step(event, total_steps);
        }
    }

    fn evaluation(&mut self, event: &EvaluationEvent) {
        if !self.view.is_open() {
            self.then.evaluation(event);
        }
    }

    fn message(&mut self, text: &str) {
        match self.view.is_open() {
            true => self.view.message(text),
            false => self.then.message(text),
        }
    }
}
