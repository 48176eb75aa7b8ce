//! What a check found.

use serde::Serialize;

use crate::error::counted;
use crate::{Place, SplitData};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know; nothing needs to be done.
    Note,
    /// Scores or training suffer from it.
    Warning,
}

/// A fault in the data, or what looks like one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of fault it is, such as `duplicate` or `cross-task-leak`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence with what was found, where, and what to do.
    pub message: String,
    /// How many examples, labels or files have it.
    pub count: usize,
    /// Where the first of them stand, `file:line`.
    pub places: Vec<String>,
}

/// Places that a finding keeps.
const PLACES: usize = 3;

/// Collects the examples that have one fault.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub count: usize,
    pub places: Vec<String>,
}

impl Tally {
    /// Counts an example.
    pub fn add(&mut self, data: &SplitData, example: usize) {
        self.add_place(|| data.place(example));
    }

    /// Counts something at a place.
    pub fn add_place(&mut self, place: impl FnOnce() -> Place) {
        self.count += 1;
        if self.places.len() < PLACES {
            self.places.push(place().to_string());
        }
    }

    /// The finding, if there was anything to count.
    pub fn report(
        self,
        code: &'static str,
        severity: Severity,
        message: impl FnOnce(usize) -> String,
        findings: &mut Vec<Finding>,
    ) {
        if self.count == 0 {
            return;
        }
        let first = match self.places.first() {
            Some(first) if self.count == 1 => format!(" ({first})"),
            Some(first) => format!(" (first: {first})"),
            None => String::new(),
        };
        findings.push(Finding {
            code,
            severity,
            message: format!("{}{first}", message(self.count)),
            count: self.count,
            places: self.places,
        });
    }
}

/// `12 texts`, `1 text`.
pub(super) fn texts(count: usize) -> String {
    counted(count, "text")
}

/// Whether `part` is more than so many of a thousand of `whole`.
pub(super) fn more_than(part: usize, per_mille: usize, whole: usize) -> bool {
    part * 1000 > per_mille * whole
}
