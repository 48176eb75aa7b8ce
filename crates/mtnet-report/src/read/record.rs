//! Everything that a run folder tells.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{
    Alarm, Balance, DamagedLine, Evaluation, Event, LogTail, Results, RunEnd, RunInfo, RunStart,
    RunState, Settings, SplitMetrics, Step,
};
use crate::ReportError;
use crate::predictions::{PREDICTION_SPLITS, Predictions};

/// A run as its folder tells it. Whatever is missing is absent here, and whatever could not be
/// read is in [`notes`](Self::notes): a report shows what there is.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// The folder.
    pub folder: PathBuf,
    /// How the run stands.
    pub state: RunState,
    /// Its beginning.
    pub start: Option<RunStart>,
    /// Steps in the log's order.
    pub steps: Vec<Step>,
    /// Looks at the gradients.
    pub balance: Vec<Balance>,
    /// Scores of the development and the test data.
    pub evaluations: Vec<Evaluation>,
    /// Alarms.
    pub alarms: Vec<Alarm>,
    /// Its end.
    pub end: Option<RunEnd>,
    /// Lines of the log that are no events.
    pub damaged: Vec<DamagedLine>,
    /// `results.json`.
    pub results: Option<Results>,
    /// `run.json`.
    pub info: Option<RunInfo>,
    /// `run.toml`.
    pub settings: Option<Settings>,
    /// Answers to the examples of the development and the test data.
    pub predictions: Vec<Predictions>,
    /// Files that could not be read, and why.
    pub notes: Vec<String>,
}

impl RunRecord {
    /// Reads a run folder.
    ///
    /// # Errors
    /// If it is no run folder, or its log cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, ReportError> {
        let is_run = ["metrics.jsonl", "run.toml", "run.json", "results.json"]
            .iter()
            .any(|name| folder.join(name).exists());
        if !is_run {
            return Err(ReportError::NoRun {
                folder: folder.to_owned(),
            });
        }
        let mut record = Self::empty(folder);
        let mut tail = LogTail::new(folder.join("metrics.jsonl"));
        let news = tail
            .poll()
            .map_err(ReportError::file("read", tail.path()))?;
        news.events.into_iter().for_each(|event| record.take(event));
        record.damaged = tail.damaged().to_vec();
        if tail.is_cut_short() {
            let note = "metrics.jsonl ends in the middle of a line, which is left out";
            record.notes.push(note.to_owned());
        }
        record.read_files();
        for split in PREDICTION_SPLITS {
            let name = Predictions::file_name(split);
            if let Some(text) = record.text(&name)
                && let Some(predictions) = record.noted(&name, Predictions::parse(split, &text))
            {
                record.predictions.push(predictions);
            }
        }
        record.state = record.judge();
        Ok(record)
    }

    /// A run of which nothing is known yet.
    pub fn empty(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            state: RunState::Unfinished,
            start: None,
            steps: Vec::new(),
            balance: Vec::new(),
            evaluations: Vec::new(),
            alarms: Vec::new(),
            end: None,
            damaged: Vec::new(),
            results: None,
            info: None,
            settings: None,
            predictions: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Reads the files beside the log, but for the predictions.
    pub fn read_files(&mut self) {
        self.results = self.json("results.json");
        self.info = self.json("run.json");
        self.settings = self
            .text("run.toml")
            .and_then(|text| self.noted("run.toml", Settings::parse(&text)));
    }

    /// Takes one more event. A step that was done before means that the run went back to a
    /// checkpoint: what it had done since is void.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::RunStart(start) => self.start = Some(start),
            Event::Step(step) => {
                if self.steps.last().is_some_and(|last| last.step >= step.step) {
                    self.steps.retain(|done| done.step < step.step);
                    self.balance.retain(|done| done.step < step.step);
                    self.evaluations.retain(|done| done.step < step.step);
                }
                self.steps.push(step);
            }
            Event::Balance(balance) => self.balance.push(balance),
            Event::Evaluation(evaluation) => self.evaluations.push(evaluation),
            Event::Alarm(alarm) => self.alarms.push(alarm),
            Event::RunEnd(end) => self.end = Some(end),
            Event::Checkpoint(_) | Event::Other => {}
        }
    }

    /// Name of the run; its folder's name where the log does not tell it.
    pub fn name(&self) -> String {
        match &self.start {
            Some(start) => start.run.clone(),
            None => self.folder.file_name().map_or_else(
                || self.folder.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
        }
    }

    /// Seed of the run, where it is known.
    pub fn seed(&self) -> Option<u64> {
        let start = self.start.as_ref().map(|start| start.seed);
        start.or_else(|| self.info.as_ref().map(|info| info.seed))
    }

    /// Tasks in the run file's order; those of scores and steps where the log has no beginning.
    pub fn tasks(&self) -> Vec<String> {
        if let Some(start) = &self.start
            && !start.tasks.is_empty()
        {
            return start.tasks.clone();
        }
        let mut tasks = BTreeSet::new();
        tasks.extend(self.steps.iter().flat_map(|step| step.task_losses.keys()));
        tasks.extend(self.evaluations.iter().flat_map(|e| e.metrics.keys()));
        tasks.extend(self.results.iter().flat_map(|r| r.main_metric.keys()));
        tasks.into_iter().cloned().collect()
    }

    /// Steps that were done.
    pub fn steps_done(&self) -> u64 {
        let end = self.end.as_ref().map(|end| end.step);
        let last = self.steps.last().map(|step| step.step);
        end.max(last).unwrap_or(0)
    }

    /// Steps that are planned, 0 where that is not known.
    pub fn total_steps(&self) -> u64 {
        self.start.as_ref().map_or(0, |start| start.total_steps)
    }

    /// Seconds of the run so far.
    pub fn seconds(&self) -> Option<f64> {
        let results = self.results.as_ref().map(|results| results.seconds);
        results
            .or_else(|| self.end.as_ref().map(|end| end.seconds))
            .or_else(|| self.steps.last().map(|step| step.seconds))
            .filter(|seconds| seconds.is_finite())
    }

    /// The metric that a task is reported by: the one of the results, else the likeliest of those
    /// that were scored.
    pub fn main_metric(&self, task: &str) -> Option<String> {
        let of_results = self.results.as_ref().and_then(|r| r.main_metric.get(task));
        if let Some(metric) = of_results {
            return Some(metric.clone());
        }
        let key = format!("task.{task}.metric");
        if let Some(metric) = self
            .settings
            .as_ref()
            .and_then(|settings| settings.get(&key))
        {
            return Some(metric.to_owned());
        }
        let scored = self.evaluations.iter().find_map(|e| e.metrics.get(task))?;
        const USUAL: [&str; 5] = ["entity_f1", "accuracy", "micro_f1", "spearman", "loss"];
        let usual = USUAL.iter().find(|name| scored.contains_key(**name));
        usual.map(|name| (*name).to_owned())
    }

    /// Scores of a split: those of the results, else of the last evaluation of it.
    pub fn scores(&self, split: &str) -> Option<&SplitMetrics> {
        let of_results = self.results.as_ref().and_then(|results| match split {
            "test" => Some(&results.test),
            "dev" => Some(&results.dev),
            _ => None,
        });
        let logged = || {
            let of_split = self.evaluations.iter().rev().filter(|e| e.split == split);
            let mut of_split = of_split.peekable();
            let last = of_split.peek().copied();
            of_split.find(|e| e.is_best).or(last).map(|e| &e.metrics)
        };
        of_results
            .filter(|scores| !scores.is_empty())
            .or_else(logged)
    }

    /// The main score of a task on a split.
    pub fn main_score(&self, split: &str, task: &str) -> Option<f64> {
        let metric = self.main_metric(task)?;
        self.scores(split)?.get(task)?.get(&metric).copied()
    }

    /// The step whose weights were selected, or would be if the run ended now.
    pub fn best_step(&self) -> Option<u64> {
        let results = self.results.as_ref().map(|results| results.best_step);
        let logged = self.evaluations.iter().rev().find(|e| e.is_best);
        results.or_else(|| logged.map(|e| e.step))
    }

    /// Mean gradients of the run: those of the results, else of the last look.
    pub fn mean_balance(&self) -> Option<&Balance> {
        let results = self.results.as_ref().and_then(|r| r.balance.as_ref());
        results.or_else(|| self.balance.last())
    }

    pub(crate) fn judge(&self) -> RunState {
        let reason = self.end.as_ref().map(|end| end.reason.as_str());
        RunState::judge(reason, &self.folder)
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        self.noted(name, serde_json::from_str(&text))
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match fs::read_to_string(self.folder.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            read => self.noted(name, read),
        }
    }

    fn noted<T, E: std::fmt::Display>(&mut self, name: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().next().unwrap_or_default();
            self.notes.push(format!("{name} cannot be read: {reason}"));
        })
        .ok()
    }
}
