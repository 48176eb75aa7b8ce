//! What `mtnet compare --advise` proposes where a task loses, and what `--try` found.

use serde::Deserialize;

use super::Interval;
use super::file::Estimate;

/// Proposals, the best supported first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advice {
    /// All of it in a sentence.
    pub sentence: String,
    /// A sentence for each task that loses.
    pub losing: Vec<String>,
    /// What is proposed.
    pub proposals: Vec<Proposal>,
}

/// A change of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Its name.
    pub name: String,
    /// The settings that it changes.
    pub changes: Vec<String>,
    /// What speaks for it, in sentences.
    pub evidence: Vec<String>,
    /// Share of the observations that speak for it.
    pub support: f64,
    /// Whether it is the one that is best on the development data.
    pub is_chosen: bool,
    /// What came of training it.
    pub tried: Tried,
}

/// What came of training a proposal.
#[derive(Clone, Debug, PartialEq)]
pub enum Tried {
    /// It was not asked for.
    No,
    /// It was not trained to its end; why.
    LeftOut(String),
    /// Mean relative gains over the multi-task run in percent.
    Yes {
        /// On the development data, by which one is chosen.
        dev_gain: f64,
        /// On the test data.
        test_gain: Interval,
    },
}

#[derive(Debug, Deserialize)]
pub(super) struct AdviceFile {
    sentence: String,
    losing: Vec<LosingFile>,
    proposals: Vec<ProposalFile>,
    #[serde(default)]
    trial: Option<TrialFile>,
}

#[derive(Debug, Deserialize)]
struct LosingFile {
    sentence: String,
}

#[derive(Debug, Deserialize)]
struct ProposalFile {
    name: String,
    #[serde(default)]
    changes: Vec<String>,
    #[serde(default)]
    evidence: Vec<String>,
    support: f64,
}

#[derive(Debug, Deserialize)]
struct TrialFile {
    tried: Vec<TriedFile>,
    left_out: Vec<LeftOutFile>,
    #[serde(default)]
    chosen: Option<String>,
}

#[derive(Debug, Deserialize)]
struct TriedFile {
    name: String,
    dev_gain: Option<f64>,
    test_gain: Estimate,
}

#[derive(Debug, Deserialize)]
struct LeftOutFile {
    name: String,
    reason: String,
}

impl From<AdviceFile> for Advice {
    fn from(file: AdviceFile) -> Self {
        let trial = file.trial.as_ref();
        let proposal = |proposal: ProposalFile| Proposal {
            tried: trial.map_or(Tried::No, |trial| trial.of(&proposal.name)),
            is_chosen: trial.is_some_and(|trial| trial.chosen.as_ref() == Some(&proposal.name)),
            name: proposal.name,
            changes: proposal.changes,
            evidence: proposal.evidence,
            support: proposal.support,
        };
        Self {
            sentence: file.sentence,
            losing: file.losing.into_iter().map(|task| task.sentence).collect(),
            proposals: file.proposals.into_iter().map(proposal).collect(),
        }
    }
}

impl TrialFile {
    fn of(&self, name: &str) -> Tried {
        if let Some(tried) = self.tried.iter().find(|tried| tried.name == name) {
            return Tried::Yes {
                dev_gain: tried.dev_gain.unwrap_or(f64::NAN),
                test_gain: tried.test_gain.into(),
            };
        }
        match self.left_out.iter().find(|left| left.name == name) {
            Some(left) => Tried::LeftOut(left.reason.clone()),
            None => Tried::No,
        }
    }
}
