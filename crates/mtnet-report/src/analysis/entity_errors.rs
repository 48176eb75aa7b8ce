//! Errors of a tagging task by what went wrong with the entity.
//!
//! True and answered entities are paired greedily, each at most once: equal ones first, then equal
//! spans (*wrong label*), then overlapping ones of one label (*wrong span*), then other overlapping
//! ones (*wrong both*). What is left is *missed* or *spurious*. The classes are those of MUC-5
//! (Chinchor & Sundheim 1993, *MUC-5 evaluation metrics*), with its partial matches told apart.

use std::collections::BTreeMap;

use mtnet_metrics::{Entity, Scheme, entities};

use super::{is_bio, known_tags};
use crate::predictions::Prediction;

/// What became of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorClass {
    /// Found with its span and label.
    Correct,
    /// Found with its span under another label.
    WrongLabel,
    /// Found with its label and another, overlapping span.
    WrongSpan,
    /// Found with another label and another, overlapping span.
    WrongBoth,
    /// Not found.
    Missed,
    /// Found where there is none.
    Spurious,
}

impl ErrorClass {
    /// All of them, in the order that they are shown in.
    pub const ALL: [Self; 6] = [
        Self::Correct,
        Self::WrongLabel,
        Self::WrongSpan,
        Self::WrongBoth,
        Self::Missed,
        Self::Spurious,
    ];

    /// For a reader.
    pub fn name(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::WrongLabel => "wrong label",
            Self::WrongSpan => "wrong span",
            Self::WrongBoth => "wrong span and label",
            Self::Missed => "missed",
            Self::Spurious => "spurious",
        }
    }
}

/// Entities of a task by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityErrors {
    /// By label (the true one, the answered one of spurious entities), then class.
    pub labels: BTreeMap<String, BTreeMap<ErrorClass, u64>>,
}

impl EntityErrors {
    /// Entities of a class, of all labels.
    pub fn total(&self, class: ErrorClass) -> u64 {
        let of_label = |classes: &BTreeMap<ErrorClass, u64>| classes.get(&class).copied();
        self.labels.values().filter_map(of_label).sum()
    }
}

/// The errors of a task with tags in the BIO scheme; `None` for others.
pub fn entity_errors(columns: &[String], predictions: &[Prediction]) -> Option<EntityErrors> {
    if !is_bio(columns) || predictions.is_empty() {
        return None;
    }
    let mut errors = EntityErrors::default();
    for prediction in predictions {
        let (truth, answer) = known_tags(prediction)?;
        let truth = entities(&truth, Scheme::Iob2);
        let answer = entities(&answer, Scheme::Iob2);
        for (class, truth, answer) in pair(&truth, &answer) {
            let label = truth.or(answer).map(|entity| entity.label.clone());
            let classes = errors.labels.entry(label.unwrap_or_default()).or_default();
            *classes.entry(class).or_default() += 1;
        }
    }
    Some(errors)
}

/// One entity of the truth, of the answer, or of both.
pub(super) type Pairing<'a> = (ErrorClass, Option<&'a Entity>, Option<&'a Entity>);

/// Pairs the entities of one text.
pub(super) fn pair<'a>(truth: &'a [Entity], answer: &'a [Entity]) -> Vec<Pairing<'a>> {
    let same_span = |a: &Entity, b: &Entity| (a.start, a.end) == (b.start, b.end);
    let overlap = |a: &Entity, b: &Entity| a.end.min(b.end).saturating_sub(a.start.max(b.start));
    type Fits<'f> = &'f dyn Fn(&Entity, &Entity) -> bool;
    let rounds: [(ErrorClass, Fits); 4] = [
        (ErrorClass::Correct, &|a, b| {
            same_span(a, b) && a.label == b.label
        }),
        (ErrorClass::WrongLabel, &same_span),
        (ErrorClass::WrongSpan, &|a, b| {
            overlap(a, b) > 0 && a.label == b.label
        }),
        (ErrorClass::WrongBoth, &|a, b| overlap(a, b) > 0),
    ];
    let mut truth: Vec<&Entity> = truth.iter().collect();
    let mut answer: Vec<&Entity> = answer.iter().collect();
    let mut pairs: Vec<Pairing> = Vec::new();
    for (class, fits) in rounds {
        truth.retain(|&entity| {
            let candidates = (0..answer.len()).filter(|&index| fits(entity, answer[index]));
            let best = candidates.max_by_key(|&index| overlap(entity, answer[index]));
            match best {
                Some(index) => {
                    pairs.push((class, Some(entity), Some(answer.remove(index))));
                    false
                }
                None => true,
            }
        });
    }
    pairs.extend(
        truth
            .into_iter()
            .map(|entity| (ErrorClass::Missed, Some(entity), None)),
    );
    pairs.extend(
        answer
            .into_iter()
            .map(|entity| (ErrorClass::Spurious, None, Some(entity))),
    );
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(start: usize, end: usize, label: &str) -> Entity {
        Entity {
            start,
            end,
            label: label.to_owned(),
        }
    }

    #[test]
    fn every_entity_is_counted_once() {
        let truth = [
            entity(0, 2, "A"),
            entity(3, 5, "A"),
            entity(6, 9, "B"),
            entity(10, 12, "C"),
            entity(13, 14, "D"),
        ];
        let answer = [
            entity(0, 2, "A"),
            entity(3, 5, "B"),
            entity(7, 9, "B"),
            entity(11, 13, "A"),
            entity(20, 21, "A"),
        ];
        let classes: Vec<ErrorClass> = pair(&truth, &answer).iter().map(|pair| pair.0).collect();
        assert_eq!(classes, ErrorClass::ALL);
    }

    #[test]
    fn the_larger_overlap_is_the_pair() {
        let truth = [entity(0, 4, "A")];
        let answer = [entity(0, 1, "A"), entity(1, 4, "A")];
        let pairs = pair(&truth, &answer);
        assert_eq!(pairs[0].2, Some(&answer[1]));
        assert_eq!(pairs[1], (ErrorClass::Spurious, None, Some(&answer[0])));
    }
}
