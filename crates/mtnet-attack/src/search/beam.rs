//! Beam search: every word of each of the best few texts, and again.
//!
//! Width 10 is HotFlip's (Ebrahimi et al. 2018, §3.3), 5 input reduction's (Feng et al. 2018, §2.2).

use std::collections::BTreeSet;

use super::kind::is_better;
use super::{Context, Judged, Search};
use crate::{AttackError, AttackedText};

#[derive(Debug)]
pub(super) struct Beam {
    width: usize,
    beam: Vec<Judged>,
    best: Option<Judged>,
    /// Texts that were asked about: two ways may lead to one.
    asked: BTreeSet<String>,
}

impl Beam {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            beam: Vec::new(),
            best: None,
            asked: BTreeSet::new(),
        }
    }
}

impl Search for Beam {
    fn next(
        &mut self,
        context: &Context<'_>,
        judged: Vec<Judged>,
    ) -> Result<Vec<AttackedText>, AttackError> {
        self.beam = judged;
        self.beam.retain(|one| one.verdict.feasible);
        // A stable sort: of equals the first.
        self.beam.sort_by(|a, b| {
            let (a, b) = (&a.verdict, &b.verdict);
            (b.succeeded.cmp(&a.succeeded)).then(b.score.total_cmp(&a.score))
        });
        self.beam.truncate(self.width);
        if let Some(first) = self.beam.first()
            && self.best.as_ref().is_none_or(|best| is_better(first, best))
        {
            self.best = Some(first.clone());
        }
        if self
            .best
            .as_ref()
            .is_some_and(|best| best.verdict.succeeded)
        {
            return Ok(Vec::new());
        }
        self.asked
            .extend(self.beam.iter().map(|one| one.text.text()));
        let mut candidates = Vec::new();
        for one in &self.beam {
            let words = context.words(&one.text);
            for candidate in context.candidates(&one.text, &words)? {
                if self.asked.insert(candidate.text()) {
                    candidates.push(candidate);
                }
            }
        }
        Ok(candidates)
    }

    fn best(&self) -> Option<&Judged> {
        self.best.as_ref()
    }
}
