//! What a search found: `tune.json` and `tune.md`.

use std::path::Path;

use mtnet_train::run_file::SamplerKind;
use mtnet_train::runs::files;
use mtnet_train::trainer::SplitMetrics;
use serde::{Deserialize, Serialize};

use crate::{History, Importance, Score, Search, Settings, TuneError, importance};

/// Version of `tune.json`.
const FORMAT_VERSION: u32 = 1;

/// A search that came to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TuneReport {
    /// Version of the format.
    pub format_version: u32,
    /// Name of the run.
    pub run: String,
    /// What trials were ranked by, on the development data.
    pub objective: String,
    /// How settings were chosen.
    pub sampler: SamplerKind,
    /// Seed of the search.
    pub seed: u64,
    /// Epochs at which each rung but the last ended; empty without successive halving.
    pub pauses: Vec<u32>,
    /// Whether the budget ended it.
    pub out_of_time: bool,
    /// Seconds that it took, in all its processes.
    pub seconds: f64,
    /// The winner.
    pub best: Best,
    /// The trials by their numbers.
    pub trials: Vec<TrialReport>,
    /// What goes with each setting; empty for fewer than ten trials with a score.
    pub importance: Vec<Importance>,
}

/// The winner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Its number.
    pub trial: usize,
    /// What it sets.
    pub settings: Settings,
    /// The objective on the development data, by which it was chosen among all: better than it
    /// would be on other data.
    pub score: f64,
    /// The rung that it was chosen at.
    pub rung: usize,
    /// Its scores on the test data, taken once; absent where there is no test data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<SplitMetrics>,
    /// How many winners of this search were scored on the test data so far: more than 1 where it
    /// was gone on with after its end.
    pub test_looks: usize,
    /// Its model, from the folder of the search.
    pub model: String,
    /// Its run file, from the folder of the search.
    pub run_file: String,
}

/// One trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialReport {
    /// What it sets.
    pub settings: Settings,
    /// Its scores by rung.
    pub scores: Vec<Score>,
    /// Why it failed, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl TuneReport {
    pub(crate) fn new(
        search: &Search,
        history: &History,
        (best, rung): (usize, usize),
        test: Option<SplitMetrics>,
        out_of_time: bool,
    ) -> Self {
        let trials = history.trials.iter().map(|trial| TrialReport {
            settings: trial.settings.clone(),
            scores: trial.scores.clone(),
            failure: trial.failure.clone(),
        });
        let pauses = (0..).map_while(|rung| search.rungs.pause(rung));
        let record = &history.trials[best];
        Self {
            format_version: FORMAT_VERSION,
            run: search.run.config.run.name.clone(),
            objective: search.objective.clone(),
            sampler: search.sampler,
            seed: search.seed,
            pauses: pauses.collect(),
            out_of_time,
            seconds: history.elapsed,
            best: Best {
                trial: best,
                settings: record.settings.clone(),
                score: record.scores[rung].score,
                rung,
                test,
                test_looks: history.tested.len(),
                model: format!("trials/{best:04}/model"),
                run_file: "best.toml".to_owned(),
            },
            trials: trials.collect(),
            importance: importance(&search.space, &history.observations(history.trials.len())),
        }
    }

    /// The trials with a score that did not fail, the best first: by the highest rung, then by score.
    pub fn ranking(&self) -> Vec<usize> {
        let scored = |number: &usize| {
            let trial = &self.trials[*number];
            trial.failure.is_none() && !trial.scores.is_empty()
        };
        let mut ranking: Vec<usize> = (0..self.trials.len()).filter(scored).collect();
        ranking.sort_by(|&a, &b| {
            let of = |number: usize| {
                let scores = &self.trials[number].scores;
                (
                    scores.len(),
                    scores.last().map_or(f64::NAN, |last| last.score),
                )
            };
            let (a, b) = (of(a), of(b));
            b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
        });
        ranking
    }
}

/// Writes `tune.json` and `tune.md`.
pub(crate) fn write_report(report: &TuneReport, output: &Path) -> Result<(), TuneError> {
    files::write_json(&output.join("tune.json"), report)?;
    files::write(&output.join("tune.md"), report.markdown().as_bytes())?;
    Ok(())
}
