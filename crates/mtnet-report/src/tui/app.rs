//! What the view knows, and what keys change.

use std::collections::VecDeque;
use std::path::Path;

use crate::read::{Event, LogTail, RunRecord, RunState};

/// Messages that are kept.
const MESSAGES: usize = 50;

/// Which curves are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// Main metrics on the development data.
    #[default]
    Scores,
    /// Losses on training batches.
    Losses,
    /// Weights of the balancing method.
    Weights,
    /// Norms of the tasks' gradients.
    Norms,
}

impl Pane {
    /// In the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Scores, Self::Losses, Self::Weights, Self::Norms];

    /// Name of its tab.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scores => "scores",
            Self::Losses => "losses",
            Self::Weights => "weights",
            Self::Norms => "gradient norms",
        }
    }

    fn moved(self, by: usize) -> Self {
        let index = Self::ALL.iter().position(|pane| *pane == self);
        Self::ALL[(index.unwrap_or_default() + by) % Self::ALL.len()]
    }
}

/// A key that means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The tab to the right.
    Next,
    /// The tab to the left.
    Previous,
    /// Scales the curves to all steps, or to the last quarter.
    Zoom,
    /// Ends the view.
    Quit,
}

/// The state of a view.
#[derive(Debug)]
pub struct App {
    /// The run as its log tells it so far.
    pub run: RunRecord,
    /// The curves in view.
    pub pane: Pane,
    /// Whether only the last quarter of the steps is in view.
    pub is_zoomed: bool,
    /// Whether the view is to end.
    pub is_done: bool,
    /// What the trainer is at.
    pub stage: String,
    /// What the trainer had to say, the newest last.
    pub messages: VecDeque<String>,
    tail: LogTail,
    /// Whether the trainer is this very process.
    is_live: bool,
}

impl App {
    /// A view of a run folder, which need not be there yet.
    pub fn new(folder: &Path) -> Self {
        Self {
            run: RunRecord::empty(folder),
            pane: Pane::default(),
            is_zoomed: false,
            is_done: false,
            stage: String::new(),
            messages: VecDeque::new(),
            tail: LogTail::new(folder.join("metrics.jsonl")),
            is_live: false,
        }
    }

    /// A view of the run that this process is about to train. It never touches the folder's lock,
    /// which the trainer has yet to take.
    pub fn live(folder: &Path) -> Self {
        Self {
            is_live: true,
            ..Self::new(folder)
        }
    }

    /// Takes what the log has got since.
    ///
    /// # Errors
    /// If the log is there and cannot be read.
    pub fn refresh(&mut self) -> std::io::Result<()> {
        let news = self.tail.poll()?;
        if news.restarted {
            let folder = self.run.folder.clone();
            self.run = RunRecord::empty(&folder);
        }
        let has_news = news.restarted || !news.events.is_empty();
        let changes_files = |event: &Event| matches!(event, Event::RunStart(_) | Event::RunEnd(_));
        let reads_files = news.events.iter().any(changes_files);
        news.events
            .into_iter()
            .for_each(|event| self.run.take(event));
        self.run.damaged = self.tail.damaged().to_vec();
        // Results are written shortly after the last event.
        let lacks_results = self.run.end.is_some() && self.run.results.is_none();
        if reads_files || lacks_results {
            self.run.notes.clear();
            self.run.read_files();
        }
        if self.is_live && self.run.end.is_none() {
            self.run.state = RunState::Running;
        } else if has_news || !self.run.state.is_complete() {
            self.run.state = self.run.judge();
        }
        Ok(())
    }

    /// Does what a key means.
    pub fn press(&mut self, key: Key) {
        match key {
            Key::Next => self.pane = self.pane.moved(1),
            Key::Previous => self.pane = self.pane.moved(Pane::ALL.len() - 1),
            Key::Zoom => self.is_zoomed = !self.is_zoomed,
            Key::Quit => self.is_done = true,
        }
    }

    /// Keeps a message of the trainer.
    pub fn tell(&mut self, message: String) {
        if self.messages.len() == MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }

    /// Share of the planned steps that were done, from 0 to 1.
    pub fn progress(&self) -> f64 {
        match (self.run.steps_done(), self.run.total_steps()) {
            (_, 0) => 0.0,
            (done, total) => (done as f64 / total as f64).min(1.0),
        }
    }

    /// Seconds to the last planned step, at the pace of the last twenty lines of the log; `None`
    /// for a run that has ended or only begun.
    pub fn seconds_left(&self) -> Option<f64> {
        let steps = &self.run.steps;
        if self.run.end.is_some() || steps.len() < 3 {
            return None;
        }
        let (first, last) = (&steps[steps.len().saturating_sub(20)], steps.last()?);
        let pace = (last.seconds - first.seconds) / (last.step - first.step).max(1) as f64;
        let left = self.run.total_steps().saturating_sub(last.step);
        Some(pace * left as f64).filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
    }
}
