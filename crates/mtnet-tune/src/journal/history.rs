//! What a journal tells, as it stands.

use mtnet_train::trainer::SplitMetrics;

use super::{Entry, Score};
use crate::{Observation, Settings};

/// All trials so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Trials by their numbers.
    pub trials: Vec<TrialRecord>,
    /// Trials that were scored on the test data, in this order.
    pub tested: Vec<(usize, SplitMetrics)>,
    /// Seconds that the search has gone on, in all its processes.
    pub elapsed: f64,
}

/// One trial.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialRecord {
    /// What it tries.
    pub settings: Settings,
    /// Its scores by rung.
    pub scores: Vec<Score>,
    /// Why it failed, where it did.
    pub failure: Option<String>,
}

impl History {
    /// Takes in what happened.
    ///
    /// # Errors
    /// In words, if it cannot have happened after what was taken in before.
    pub fn take(&mut self, entry: Entry) -> Result<(), String> {
        match entry {
            Entry::Search { .. } => Err("a second search in one journal".to_owned()),
            Entry::Proposed { trial, settings } => {
                if trial != self.trials.len() {
                    let expected = self.trials.len();
                    return Err(format!("trial {trial}, expected trial {expected}"));
                }
                self.trials.push(TrialRecord {
                    settings,
                    scores: Vec::new(),
                    failure: None,
                });
                Ok(())
            }
            Entry::Scored {
                trial,
                rung,
                score,
                elapsed,
            } => {
                self.elapsed = elapsed;
                let record = self.at(trial, rung)?;
                record.scores.push(score);
                Ok(())
            }
            Entry::Failed {
                trial,
                rung,
                reason,
                elapsed,
            } => {
                self.elapsed = elapsed;
                self.at(trial, rung)?.failure = Some(reason);
                Ok(())
            }
            Entry::Tested { trial, test } => {
                if trial >= self.trials.len() {
                    return Err(format!("trial {trial} was not proposed"));
                }
                self.tested.push((trial, test));
                Ok(())
            }
        }
    }

    /// What samplers see: settings with the scores of the first rung, of the first `count` trials.
    pub fn observations(&self, count: usize) -> Vec<Observation> {
        let one = |trial: &TrialRecord| Observation {
            settings: trial.settings.clone(),
            score: trial.scores.first().map(|score| score.score),
        };
        self.trials.iter().take(count).map(one).collect()
    }

    /// Trials with a score at a rung that did not fail later, the best first; equal ones by number.
    pub fn ranking(&self, rung: usize) -> Vec<usize> {
        let mut ranking: Vec<(usize, f64)> = self
            .trials
            .iter()
            .enumerate()
            .filter(|(_, trial)| trial.failure.is_none())
            .filter_map(|(number, trial)| Some((number, trial.scores.get(rung)?.score)))
            .collect();
        ranking.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranking.into_iter().map(|(number, _)| number).collect()
    }

    /// The best trial of the highest rung that one has reached, with that rung.
    pub fn best(&self) -> Option<(usize, usize)> {
        let rungs = self.trials.iter().map(|trial| trial.scores.len()).max()?;
        let rungs = (0..rungs).rev();
        rungs
            .filter_map(|rung| Some((*self.ranking(rung).first()?, rung)))
            .next()
    }

    /// How many trials have a score or failed.
    pub fn finished(&self) -> usize {
        let done = |trial: &&TrialRecord| !trial.scores.is_empty() || trial.failure.is_some();
        self.trials.iter().filter(done).count()
    }

    fn at(&mut self, trial: usize, rung: usize) -> Result<&mut TrialRecord, String> {
        let record = self
            .trials
            .get_mut(trial)
            .ok_or_else(|| format!("trial {trial} was not proposed"))?;
        if record.failure.is_some() || record.scores.len() != rung {
            return Err(format!("trial {trial} cannot come to rung {rung} here"));
        }
        Ok(record)
    }
}
