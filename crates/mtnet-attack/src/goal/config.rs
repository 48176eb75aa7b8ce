//! Goals as settings, and the goal of an example.

use mtnet_core::Target;
use mtnet_heads::{Answer, HeadConfig, TaskSpec};
use serde::{Deserialize, Serialize};

use super::Goal;
use super::class::Untargeted;
use super::multi_label::OtherLabels;
use super::numbers::Shifted;
use super::reduction::Reduced;
use super::tags::BrokenTags;
use super::targeted::Targeted;
use crate::AttackError;

/// What an attack wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GoalConfig {
    /// An answer that is not the right one. For a label, any other; for a set of labels, any other
    /// set; for numbers, a shift; for tags, damage.
    Untargeted {
        /// Numbers: how far an answer has to move from the clean one, in the unit of the file.
        /// Default: one standard deviation of the training data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shift: Option<f64>,
        /// Tags: what counts as damage. Default: one minus entity F1 where the labels are of
        /// entities, else the share of wrong tags.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        measure: Option<TaggingMeasure>,
        /// Tags: the damage that breaks a text, from 0 to 1. Default 0: any.
        #[serde(default)]
        damage: f64,
    },
    /// One certain label.
    Targeted {
        /// The label.
        label: String,
    },
    /// The same answer from as few words as may be (Feng et al. 2018).
    InputReduction {
        /// Words of a text that counts as reduced.
        max_words: usize,
    },
}

/// What is broken in tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaggingMeasure {
    /// One minus the F1 of the text's entities.
    EntityF1,
    /// The share of words with a wrong tag.
    WrongTags,
}

impl Default for GoalConfig {
    fn default() -> Self {
        Self::Untargeted {
            shift: None,
            measure: None,
            damage: 0.0,
        }
    }
}

impl GoalConfig {
    /// The goal for an example of a task, from its target and the model's clean answer.
    pub(crate) fn build(
        &self,
        spec: &TaskSpec,
        target: &Target,
        clean: &Answer,
    ) -> Result<Box<dyn Goal>, AttackError> {
        let refuse = |problem: String| {
            Err(AttackError::Goal {
                task: spec.name.to_string(),
                problem,
            })
        };
        Ok(match (self, target, clean) {
            (Self::Untargeted { .. }, Target::Class(class), Answer::Class { .. }) => {
                Box::new(Untargeted::new(*class, clean))
            }
            (Self::Untargeted { .. }, Target::MultiLabel(labels), Answer::Labels { .. }) => {
                Box::new(OtherLabels::new(labels, clean))
            }
            (
                Self::Untargeted { shift, .. },
                Target::Numbers(truth),
                Answer::Numbers { values },
            ) => {
                let shifts = match shift {
                    Some(shift) if *shift > 0.0 && shift.is_finite() => {
                        vec![*shift; truth.len()]
                    }
                    Some(shift) => {
                        return Err(AttackError::Setting {
                            key: "shift",
                            found: shift.to_string(),
                            expected: "a number above 0",
                        });
                    }
                    None => match deviations(spec, truth.len()) {
                        Some(deviations) => deviations,
                        None => {
                            return refuse(
                                "the model does not say how much its training targets vary; set \
                                 `shift` of the goal"
                                    .to_owned(),
                            );
                        }
                    },
                };
                Box::new(Shifted::new(truth, values, shifts))
            }
            (
                Self::Untargeted {
                    measure, damage, ..
                },
                Target::Tags(truth),
                Answer::Tags { .. },
            ) => {
                if !(0.0..=1.0).contains(damage) {
                    return Err(AttackError::Setting {
                        key: "damage",
                        found: damage.to_string(),
                        expected: "a number from 0 to 1",
                    });
                }
                Box::new(BrokenTags::new(spec, *measure, *damage, truth, clean))
            }
            (Self::Targeted { label }, Target::Class(class), Answer::Class { .. }) => {
                let Some(wanted) = spec.labels.iter().position(|known| known == label) else {
                    return refuse(format!(
                        "no label `{label}` to aim at; it has {}",
                        spec.labels.join(", ")
                    ));
                };
                Box::new(Targeted::new(*class, wanted as u32, clean))
            }
            (Self::InputReduction { max_words }, Target::Class(class), Answer::Class { .. }) => {
                Box::new(Reduced::new(*class, *max_words, clean))
            }
            (Self::Targeted { .. } | Self::InputReduction { .. }, ..) => {
                return refuse(
                    "this goal needs one label a text; use an untargeted one".to_owned(),
                );
            }
            (Self::Untargeted { .. }, Target::Spans { .. }, _) => {
                return refuse(
                    "no goal is defined for answers to questions: a changed text moves them, and \
                     their places no longer compare; attack another task of the model"
                        .to_owned(),
                );
            }
            _ => {
                return refuse(
                    "its head answers in a form that no goal knows; use a built-in head".to_owned(),
                );
            }
        })
    }
}

/// Standard deviations of the training targets, where the model folder keeps them.
fn deviations(spec: &TaskSpec, columns: usize) -> Option<Vec<f64>> {
    match &spec.head {
        HeadConfig::Regression(config) => {
            let scale = config.scale.clone()?;
            (scale.len() == columns).then_some(scale)
        }
        _ => None,
    }
}
