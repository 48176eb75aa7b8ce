//! Tags that are wrong: damage is one minus the F1 of the text's entities, or the share of words
//! with a wrong tag. Words are changed in their places, so tags stay with them.
//!
//! `score` is the mean over the words of `1` where the tag is wrong and of `1 − p(tag)` where it is
//! right, so that it also rises before a tag falls.

use mtnet_core::{IGNORED_TAG, Target};
use mtnet_heads::{Answer, BioConstraint, TaskSpec};
use mtnet_metrics::{Scheme, entities};

use super::{Goal, Steer, TaggingMeasure, Verdict};
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct BrokenTags {
    labels: Vec<String>,
    truth: Vec<u32>,
    measure: TaggingMeasure,
    least: f64,
    starts_right: bool,
    steer: Steer,
}

impl BrokenTags {
    pub(super) fn new(
        spec: &TaskSpec,
        measure: Option<TaggingMeasure>,
        least: f64,
        truth: &[u32],
        clean: &Answer,
    ) -> Self {
        let of_entities = BioConstraint::from_labels(&spec.labels).is_some();
        let mut goal = Self {
            labels: spec.labels.clone(),
            truth: truth.to_vec(),
            measure: measure.unwrap_or(match of_entities {
                true => TaggingMeasure::EntityF1,
                false => TaggingMeasure::WrongTags,
            }),
            least,
            starts_right: false,
            steer: Steer::away_from(&Target::Tags(truth.to_vec())),
        };
        goal.starts_right = !goal.is_broken(clean);
        goal
    }

    /// Right tag, answered tag and its probability of each word that has a tag.
    fn known<'a>(&'a self, answer: &'a Answer) -> Vec<(u32, u32, f32)> {
        let Answer::Tags {
            tags,
            probabilities,
        } = answer
        else {
            return Vec::new();
        };
        self.truth
            .iter()
            .zip(tags.iter().zip(probabilities))
            .filter(|&(&truth, _)| truth != IGNORED_TAG)
            .map(|(&truth, (&tag, &p))| (truth, tag, p))
            .collect()
    }

    fn damage(&self, answer: &Answer) -> f64 {
        let known = self.known(answer);
        if known.is_empty() {
            return 0.0;
        }
        match self.measure {
            TaggingMeasure::WrongTags => {
                let wrong = known.iter().filter(|(truth, tag, _)| truth != tag).count();
                wrong as f64 / known.len() as f64
            }
            TaggingMeasure::EntityF1 => {
                let name = |tag: u32| self.labels[tag as usize].as_str();
                let truth: Vec<&str> = known.iter().map(|&(truth, ..)| name(truth)).collect();
                let found: Vec<&str> = known.iter().map(|&(_, tag, _)| name(tag)).collect();
                let truth = entities(&truth, Scheme::Iob2);
                let found = entities(&found, Scheme::Iob2);
                let both = found.iter().filter(|entity| truth.contains(entity)).count();
                match truth.len() + found.len() {
                    0 => 0.0,
                    all => 1.0 - 2.0 * both as f64 / all as f64,
                }
            }
        }
    }

    fn is_broken(&self, answer: &Answer) -> bool {
        let damage = self.damage(answer);
        damage > 0.0 && damage >= self.least
    }
}

impl Goal for BrokenTags {
    fn starts_right(&self) -> bool {
        self.starts_right
    }

    fn judge(&self, _: &AttackedText, answer: &Answer) -> Verdict {
        let known = self.known(answer);
        let sum: f64 = known
            .iter()
            .map(|&(truth, tag, p)| match truth == tag {
                true => 1.0 - f64::from(p),
                false => 1.0,
            })
            .sum();
        Verdict::new(sum / known.len().max(1) as f64, self.is_broken(answer))
    }

    fn steer(&self) -> &Steer {
        &self.steer
    }
}
