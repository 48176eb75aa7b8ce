//! Greedy search by word importance.
//!
//! Words are ranked once (Gao et al. 2018, §III-B; Li et al. 2019, §III-A); then each in turn is
//! given the candidate that scores best, if that scores better than the text so far, until the goal
//! is reached or no word is left.

use super::importance::{gradients, ordered, probes};
use super::kind::{best_of, is_better};
use super::{Context, Importance, Judged, Search};
use crate::{AttackError, AttackedText};

#[derive(Debug)]
pub(super) struct GreedyWords {
    importance: Importance,
    /// The text so far.
    current: Option<Judged>,
    /// Words that still have to be tried, the next one last.
    left: Vec<usize>,
    stage: Stage,
}

#[derive(Debug, PartialEq)]
enum Stage {
    Start,
    Ranking,
    Trying,
}

impl GreedyWords {
    pub(super) fn new(importance: Importance) -> Self {
        Self {
            importance,
            current: None,
            left: Vec::new(),
            stage: Stage::Start,
        }
    }

    /// Begins with the clean text: the probes that rank its words, if there is anything to rank.
    fn start(
        &mut self,
        context: &Context<'_>,
        clean: Judged,
    ) -> Result<Vec<AttackedText>, AttackError> {
        let words = context.words(&clean.text);
        let probed = match words.len() {
            0 | 1 => None,
            _ => probes(self.importance, context, &clean.text, &words),
        };
        match probed {
            Some(probes) => {
                self.left = words;
                self.stage = Stage::Ranking;
                self.current = Some(clean);
                return Ok(probes);
            }
            None if words.len() < 2 => self.left = words,
            None => self.rank(&words, &gradients(context, &clean.text, &words)?),
        }
        self.stage = Stage::Trying;
        self.current = Some(clean);
        self.try_next(context)
    }

    fn rank(&mut self, words: &[usize], scores: &[f64]) {
        self.left = ordered(words, scores);
        self.left.reverse();
    }

    /// The candidates of the next word that has some.
    fn try_next(&mut self, context: &Context<'_>) -> Result<Vec<AttackedText>, AttackError> {
        let Some(current) = &self.current else {
            return Ok(Vec::new());
        };
        while let Some(word) = self.left.pop() {
            let candidates = context.candidates(&current.text, &[word])?;
            if !candidates.is_empty() {
                return Ok(candidates);
            }
        }
        Ok(Vec::new())
    }
}

impl Search for GreedyWords {
    fn next(
        &mut self,
        context: &Context<'_>,
        judged: Vec<Judged>,
    ) -> Result<Vec<AttackedText>, AttackError> {
        match self.stage {
            Stage::Start => match judged.into_iter().next() {
                Some(clean) => self.start(context, clean),
                None => Ok(Vec::new()),
            },
            Stage::Ranking => {
                let words = std::mem::take(&mut self.left);
                let scores: Vec<f64> = judged.iter().map(|one| one.verdict.score).collect();
                self.rank(&words, &scores);
                self.stage = Stage::Trying;
                self.try_next(context)
            }
            Stage::Trying => {
                if let (Some(best), Some(current)) = (best_of(judged), &self.current)
                    && is_better(&best, current)
                {
                    let done = best.verdict.succeeded;
                    self.current = Some(best);
                    if done {
                        return Ok(Vec::new());
                    }
                }
                self.try_next(context)
            }
        }
    }

    fn best(&self) -> Option<&Judged> {
        self.current.as_ref()
    }
}
