//! One trial: a training run that pauses at the end of a rung, or ends.

use std::path::{Path, PathBuf};

use mtnet_core::Split;
use mtnet_heads::HeadRegistry;
use mtnet_train::checkpoint::{LocalFiles, latest_valid};
use mtnet_train::events::{EvaluationEvent, Event, RunEndReason, read_events};
use mtnet_train::runs::{Found, KeptRun};
use mtnet_train::trainer::{Progress, StopToken, TrainError, train_for_selection};

use crate::settings::overrides;
use crate::{Score, Search, Settings, TuneError};

/// A trial in its folder.
pub(crate) struct Trial {
    pub kept: KeptRun,
}

/// How far a trial came.
pub(crate) enum Reached {
    /// The end of the rung, or of the run.
    Score(Score),
    /// A checkpoint, because the search was asked to stop.
    Stopped,
}

impl Trial {
    /// The trial with that number below `output`.
    ///
    /// # Errors
    /// If its settings do not go together, each of them though may.
    pub fn new(
        search: &Search,
        number: usize,
        settings: &Settings,
        output: &Path,
    ) -> Result<Self, TuneError> {
        let run = search.with(&overrides(settings))?;
        let mut run = run.with_absolute_paths().map_err(TuneError::file("."))?;
        run.config.run.name = format!("{}-trial-{number}", run.config.run.name);
        run.config.run.output = None;
        run.config.train.save_total_limit = 1;
        // The winner's answers can be had of its model; a hundred losers' would fill the disk.
        run.config.train.save_predictions = false;
        let folder = Self::folder(output, number);
        Ok(Self {
            kept: KeptRun { run, folder },
        })
    }

    /// The folder of the trial with that number.
    pub fn folder(output: &Path, number: usize) -> PathBuf {
        output.join("trials").join(format!("{number:04}"))
    }

    /// Whether it would go on from a checkpoint.
    pub fn is_begun(&self) -> Result<bool, TrainError> {
        Ok(self.kept.found()? == Found::Begun)
    }

    /// Trains to the first evaluation after `pause` epochs, or to the end, from where it stands.
    pub fn advance(
        &self,
        pause: Option<u32>,
        registry: &HeadRegistry,
        stop: &StopToken,
    ) -> Result<Reached, TrainError> {
        if let Some(score) = self.paused_before(pause)? {
            return Ok(Reached::Score(score));
        }
        let mut pauser = Pauser {
            pause,
            stop: stop.child(),
        };
        let token = pauser.stop.clone();
        let results = self.kept.finish(|run, options| {
            train_for_selection(run, options, registry, &mut pauser, &token)
        })?;
        let ended = results.end.reason != RunEndReason::Interrupted;
        let events = self.events()?;
        let last = evaluations(&events).next_back();
        if !ended && !last.is_some_and(|event| is_at(event, pause)) {
            return Ok(Reached::Stopped);
        }
        Ok(Reached::Score(self.score(
            &events,
            results.steps,
            results.seconds,
            ended,
        )?))
    }

    /// The score of a trial that was killed after its checkpoint at the end of the rung, before the
    /// journal had it.
    fn paused_before(&self, pause: Option<u32>) -> Result<Option<Score>, TrainError> {
        if pause.is_none() || self.kept.found()? != Found::Begun {
            return Ok(None);
        }
        let latest = latest_valid(&LocalFiles, &self.kept.folder)?.latest;
        let Some(step) = latest.map(|checkpoint| checkpoint.step()) else {
            return Ok(None);
        };
        let mut events = self.events()?;
        events.retain(|event| event.step() <= step);
        if !evaluations(&events).any(|event| is_at(event, pause)) {
            return Ok(None);
        }
        let seconds = events.iter().rev().find_map(|event| match event {
            Event::Step(event) => Some(event.seconds),
            _ => None,
        });
        self.score(&events, step, seconds.unwrap_or(0.0), false)
            .map(Some)
    }

    fn events(&self) -> Result<Vec<Event>, TrainError> {
        Ok(read_events(&self.kept.folder.join("metrics.jsonl"))?)
    }

    fn score(
        &self,
        events: &[Event],
        steps: u64,
        seconds: f64,
        ended: bool,
    ) -> Result<Score, TrainError> {
        // The run itself notes which of its evaluations was the best so far.
        let best = evaluations(events).rfind(|event| event.is_best);
        let score = best.and_then(|event| event.selection);
        let last = evaluations(events).next_back();
        match (score, last) {
            (Some(score), Some(last)) => Ok(Score {
                score,
                epochs: last.epoch,
                steps,
                seconds,
                ended,
            }),
            _ => Err(TrainError::NoDevelopmentData {
                task: self.kept.run.config.task[0].name.clone(),
            }),
        }
    }
}

fn evaluations(events: &[Event]) -> impl DoubleEndedIterator<Item = &EvaluationEvent> {
    events.iter().filter_map(|event| match event {
        Event::Evaluation(event) if event.split == Split::Dev => Some(event),
        _ => None,
    })
}

fn is_at(event: &EvaluationEvent, pause: Option<u32>) -> bool {
    pause.is_some_and(|epochs| event.epoch >= f64::from(epochs) - 1e-9)
}

/// Asks the run to stop behind the evaluation that ends its rung.
struct Pauser {
    pause: Option<u32>,
    stop: StopToken,
}

impl Progress for Pauser {
    fn evaluation(&mut self, event: &EvaluationEvent) {
        if event.split == Split::Dev && is_at(event, self.pause) {
            self.stop.ask();
        }
    }
}

/// Why a trial failed, where its settings are to blame; else what would stop every trial.
pub(crate) fn blame(error: TrainError) -> Result<String, TrainError> {
    match &error {
        TrainError::Diverged { .. }
        | TrainError::NonFinite(_)
        | TrainError::RunFile(_)
        | TrainError::Encoder(_)
        | TrainError::EncoderConfig(_)
        | TrainError::Head { .. }
        | TrainError::Balance(_)
        | TrainError::Optimizer(_)
        | TrainError::Schedule(_)
        | TrainError::Tensor(_) => Ok(error.to_string()),
        _ => Err(error),
    }
}
