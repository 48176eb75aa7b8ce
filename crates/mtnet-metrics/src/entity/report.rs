//! Precision, recall and F1 of entities, as seqeval reports them.
//!
//! An entity is right if a true one has the same tokens and the same type (Tjong Kim Sang and De
//! Meulder 2003, CoNLL-2003, §2.3). The micro average is the usual "entity F1". Where nothing is
//! predicted, precision is 0, and where nothing is true, recall is 0.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::span::Span;
use super::{Scheme, lenient, strict};
use crate::counts::average;
use crate::{Average, Counts, MetricError, PrecisionRecallF1, checks};

/// What was found and missed of each entity type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityReport {
    per_type: BTreeMap<String, Counts>,
}

impl EntityReport {
    /// Counts the entities that the lenient rules of [`entities`](crate::entities) see: seqeval's
    /// default, and the numbers that papers report. One sequence of tags is one sentence.
    ///
    /// # Errors
    /// If there are no sequences, or they differ in number or length.
    pub fn lenient<S, R, A, B>(
        truth: &[A],
        predicted: &[B],
        scheme: Scheme,
    ) -> Result<Self, MetricError>
    where
        S: AsRef<str>,
        R: AsRef<str>,
        A: AsRef<[S]>,
        B: AsRef<[R]>,
    {
        check(truth, predicted)?;
        let mut report = Self::empty();
        for (truth, predicted) in truth.iter().zip(predicted) {
            report.count(
                lenient::spans(truth.as_ref(), scheme),
                lenient::spans(predicted.as_ref(), scheme),
            );
        }
        Ok(report)
    }

    /// Counts the entities that are well formed in the scheme
    /// ([`strict_entities`](crate::strict_entities)): seqeval's strict mode.
    ///
    /// # Errors
    /// As [`EntityReport::lenient`], and if a tag begins with a letter that the scheme does not
    /// have.
    pub fn strict<S, R, A, B>(
        truth: &[A],
        predicted: &[B],
        scheme: Scheme,
    ) -> Result<Self, MetricError>
    where
        S: AsRef<str>,
        R: AsRef<str>,
        A: AsRef<[S]>,
        B: AsRef<[R]>,
    {
        check(truth, predicted)?;
        let mut report = Self::empty();
        for (sequence, (truth, predicted)) in truth.iter().zip(predicted).enumerate() {
            let (truth, predicted) = (truth.as_ref(), predicted.as_ref());
            let true_spans = strict::spans(truth, scheme)
                .map_err(|unknown| unknown.error("true tags", sequence, truth, scheme))?;
            let predicted_spans = strict::spans(predicted, scheme)
                .map_err(|unknown| unknown.error("predicted tags", sequence, predicted, scheme))?;
            report.count(true_spans, predicted_spans);
        }
        Ok(report)
    }

    /// What was found and missed of each type that is true or predicted somewhere.
    pub fn per_type(&self) -> &BTreeMap<String, Counts> {
        &self.per_type
    }

    /// The average over types. Without any entity, true or predicted, the macro average is NaN and
    /// the others are 0.
    pub fn average(&self, how: Average) -> PrecisionRecallF1 {
        let counts: Vec<Counts> = self.per_type.values().copied().collect();
        average(&counts, how)
    }

    fn empty() -> Self {
        Self {
            per_type: BTreeMap::new(),
        }
    }

    /// Adds one sentence.
    fn count(&mut self, truth: Vec<Span<'_>>, predicted: Vec<Span<'_>>) {
        let truth: BTreeSet<Span<'_>> = truth.into_iter().collect();
        let predicted: BTreeSet<Span<'_>> = predicted.into_iter().collect();
        for &span in truth.union(&predicted) {
            self.per_type
                .entry(span.label.to_owned())
                .or_default()
                .record(truth.contains(&span), predicted.contains(&span));
        }
    }
}

fn check<S, R, A: AsRef<[S]>, B: AsRef<[R]>>(
    truth: &[A],
    predicted: &[B],
) -> Result<(), MetricError> {
    checks::paired_sequences("predicted sequences", predicted, "true sequences", truth)
}
