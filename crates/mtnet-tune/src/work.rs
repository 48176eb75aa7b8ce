//! What a search does, one thing after another: propose, train, rank, tidy, and end with the winner.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use mtnet_heads::HeadRegistry;
use mtnet_train::runs::drop_checkpoints;
use mtnet_train::trainer::{SplitMetrics, StopToken, TrainError};

use crate::trial::{Reached, Trial, blame};
use crate::{
    Entry, History, Journal, Score, Search, TrialRecord, TuneEnd, TuneError, TuneEvent, propose,
    winner,
};

/// How the trials of a rung ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Whole,
    NoTime,
    Stopped,
}

/// A search that goes on: its journal, its clock, and who hears of it.
pub(crate) struct Work<'a> {
    pub search: &'a Search,
    pub output: &'a Path,
    pub registry: HeadRegistry,
    /// Seconds of the processes before.
    pub before: f64,
    pub begun: Instant,
    pub journal: Journal,
    pub history: History,
    pub stop: &'a StopToken,
    pub listener: &'a mut dyn FnMut(&TuneEvent),
}

impl Work<'_> {
    fn elapsed(&self) -> f64 {
        self.before + self.begun.elapsed().as_secs_f64()
    }

    fn out_of_time(&mut self) -> bool {
        let Some((written, seconds)) = &self.search.budget else {
            return false;
        };
        let out = self.elapsed() >= *seconds;
        if out {
            let text = format!("the budget of {written} is spent, no further trial begins");
            (self.listener)(&TuneEvent::Ends(text));
        }
        out
    }

    pub fn trial(&self, number: usize) -> Result<Trial, TuneError> {
        let settings = &self.history.trials[number].settings;
        Trial::new(self.search, number, settings, self.output)
    }

    fn note(&mut self, entry: Entry) -> Result<(), TuneError> {
        self.journal.append(&entry)?;
        let taken = self.history.take(entry);
        taken.expect("what happens follows from what happened");
        Ok(())
    }

    /// Every trial to the end of the first rung, in the order of their numbers.
    pub fn first_rung(&mut self) -> Result<End, TuneError> {
        for number in 0..self.search.trials.max(self.history.trials.len()) {
            if let Some(record) = self.history.trials.get(number)
                && (record.failure.is_some() || !record.scores.is_empty())
            {
                continue;
            }
            if self.out_of_time() {
                return Ok(End::NoTime);
            }
            if number == self.history.trials.len() {
                let seen = self.history.observations(number);
                let search = self.search;
                let proposed = propose(&search.space, search.sampler, search.seed, &seen);
                let Some(settings) = proposed else {
                    let text = format!("all {number} settings of the space were tried");
                    (self.listener)(&TuneEvent::Ends(text));
                    return Ok(End::Whole);
                };
                self.note(Entry::Proposed {
                    trial: number,
                    settings,
                })?;
            }
            if !self.advance(number, 0)? {
                return Ok(End::Stopped);
            }
            self.tidy(0)?;
        }
        Ok(End::Whole)
    }

    /// The best of each rung to the end of the next.
    pub fn further_rungs(&mut self) -> Result<End, TuneError> {
        let trials = self.history.trials.len();
        for rung in 1..self.search.rungs.count() {
            let places = self.search.rungs.survivors(trials, rung);
            // Those that failed on the way had their place; nobody moves up.
            let lost = self
                .history
                .trials
                .iter()
                .filter(|record| record.failure.is_some() && record.scores.len() == rung);
            let left = places.saturating_sub(lost.count());
            let mut going = self.history.ranking(rung - 1);
            going.truncate(left);
            going.sort_unstable();
            for number in going {
                let scores = &self.history.trials[number].scores;
                if scores.len() > rung {
                    continue;
                }
                let before = scores[rung - 1];
                if self.out_of_time() {
                    return Ok(End::NoTime);
                }
                if before.ended {
                    // It stopped by itself: there is nothing left to train.
                    self.scored(number, rung, before, 0.0)?;
                } else if !self.advance(number, rung)? {
                    return Ok(End::Stopped);
                }
            }
            self.tidy(rung)?;
        }
        Ok(End::Whole)
    }

    /// A trial to the end of a rung, or to its failure; whether it came there.
    fn advance(&mut self, number: usize, rung: usize) -> Result<bool, TuneError> {
        if self.stop.is_asked() {
            return Ok(false);
        }
        let begun = Instant::now();
        let refused = |source: TrainError| TuneError::Trial {
            trial: number,
            source: Box::new(source),
        };
        let reached = match self.trial(number) {
            Err(TuneError::RunFile(error)) => Err(TrainError::RunFile(error)),
            Err(other) => return Err(other),
            Ok(trial) => {
                (self.listener)(&TuneEvent::Began {
                    trial: number,
                    of: self.search.trials,
                    rung,
                    settings: self.history.trials[number].settings.clone(),
                    resumed: trial.is_begun().map_err(refused)?,
                });
                trial.advance(self.search.rungs.pause(rung), &self.registry, self.stop)
            }
        };
        match reached {
            Ok(Reached::Stopped) => Ok(false),
            Ok(Reached::Score(score)) => {
                self.scored(number, rung, score, begun.elapsed().as_secs_f64())?;
                Ok(true)
            }
            Err(error) => {
                let reason = blame(error).map_err(refused)?;
                (self.listener)(&TuneEvent::Failed {
                    trial: number,
                    reason: reason.clone(),
                });
                let elapsed = self.elapsed();
                self.note(Entry::Failed {
                    trial: number,
                    rung,
                    reason,
                    elapsed,
                })?;
                Ok(true)
            }
        }
    }

    fn scored(
        &mut self,
        number: usize,
        rung: usize,
        score: Score,
        seconds: f64,
    ) -> Result<(), TuneError> {
        let elapsed = self.elapsed();
        self.note(Entry::Scored {
            trial: number,
            rung,
            score,
            elapsed,
        })?;
        (self.listener)(&TuneEvent::Scored {
            trial: number,
            rung,
            score: score.score,
            epochs: score.epochs,
            seconds,
            is_best: self.history.ranking(rung).first() == Some(&number),
        });
        Ok(())
    }

    /// Removes weights that nobody needs again: of all trials but those that may go on from here,
    /// and the best.
    fn tidy(&self, rung: usize) -> Result<(), TuneError> {
        let ranking = self.history.ranking(rung);
        let last = rung + 1 == self.search.rungs.count();
        let kept = match last {
            true => 1,
            // Whoever comes later may only push others down.
            false => {
                let trials = self.search.trials.max(self.history.trials.len());
                self.search.rungs.survivors(trials, rung + 1)
            }
        };
        let best = self.history.best().map(|(number, _)| number);
        let begun = |record: &TrialRecord| record.failure.is_some() || !record.scores.is_empty();
        for (number, record) in self.history.trials.iter().enumerate() {
            let needed = ranking.iter().take(kept).any(|&n| n == number) || best == Some(number);
            if needed || !begun(record) {
                continue;
            }
            let folder = Trial::folder(self.output, number);
            drop_checkpoints(&folder)?;
            let model = folder.join("model");
            if model.is_dir() {
                fs::remove_dir_all(&model).map_err(TuneError::file(&model))?;
            }
        }
        Ok(())
    }

    /// Trains the winner to its end where that is left to do, and scores it on the test data once.
    pub fn win(
        &mut self,
        number: usize,
        rung: usize,
        trial: &Trial,
    ) -> Result<Option<Option<SplitMetrics>>, TuneError> {
        let refused = |source: TrainError| TuneError::Trial {
            trial: number,
            source: Box::new(source),
        };
        if !trial.kept.model().join("tasks.json").is_file() {
            let text = format!("training trial {number}, the best of rung {rung}, to its end");
            (self.listener)(&TuneEvent::Stage(text));
            let reached = trial.advance(None, &self.registry, self.stop);
            if matches!(reached.map_err(refused)?, Reached::Stopped) {
                return Ok(None);
            }
        }
        let known = self
            .history
            .tested
            .iter()
            .find(|(tested, _)| *tested == number);
        if let Some((_, test)) = known {
            return Ok(Some(Some(test.clone())));
        }
        (self.listener)(&TuneEvent::Stage(format!(
            "scoring trial {number} on the test data"
        )));
        let test = winner::test_scores(trial, &self.registry)?;
        if let Some(test) = &test {
            self.note(Entry::Tested {
                trial: number,
                test: test.clone(),
            })?;
        }
        trial.kept.drop_checkpoints()?;
        Ok(Some(test))
    }

    pub fn stopped(&self) -> TuneEnd {
        TuneEnd::Stopped {
            finished: self.history.finished(),
        }
    }

    /// Why there is no winner.
    pub fn nothing(&self) -> TuneError {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        let failures = self
            .history
            .trials
            .iter()
            .filter_map(|trial| trial.failure.as_deref());
        for reason in failures {
            *reasons.entry(reason).or_default() += 1;
        }
        let commonest = reasons.iter().max_by_key(|(_, times)| **times);
        match (commonest, &self.search.budget) {
            (Some((reason, times)), _) => TuneError::AllFailed {
                count: reasons.values().sum(),
                times: *times,
                reason: (*reason).to_owned(),
                journal: self.journal.path().to_owned(),
            },
            (None, budget) => TuneError::NoTime {
                budget: budget
                    .as_ref()
                    .map(|(text, _)| text.clone())
                    .unwrap_or_default(),
            },
        }
    }
}
