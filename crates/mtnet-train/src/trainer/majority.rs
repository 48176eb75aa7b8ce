//! The answer that reads no text: what a score must be held against.

use std::collections::BTreeMap;

use mtnet_core::{IGNORED_TAG, Target};
use mtnet_heads::{Answer, TargetKind};

/// What always answers the commonest thing of the training data.
#[derive(Clone, Debug, PartialEq)]
pub struct Majority {
    kind: TargetKind,
    /// Share of training examples (or words) with each column, or the mean of each number.
    columns: Vec<f64>,
}

impl Majority {
    /// Counts the training targets of a task with `columns` columns.
    pub fn new<'a>(
        kind: TargetKind,
        columns: usize,
        targets: impl IntoIterator<Item = &'a Target>,
    ) -> Self {
        let mut sums = vec![0.0; columns];
        let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
        let mut total = 0.0;
        for target in targets {
            match target {
                Target::Class(class) => {
                    sums[*class as usize] += 1.0;
                    total += 1.0;
                }
                Target::MultiLabel(labels) => {
                    labels.iter().for_each(|&label| sums[label as usize] += 1.0);
                    total += 1.0;
                }
                Target::Tags(tags) => {
                    for &tag in tags.iter().filter(|&&tag| tag != IGNORED_TAG) {
                        sums[tag as usize] += 1.0;
                        total += 1.0;
                    }
                }
                Target::Numbers(numbers) => {
                    for (column, &number) in numbers
                        .iter()
                        .enumerate()
                        .filter(|(_, number)| !number.is_nan())
                    {
                        sums[column] += f64::from(number);
                        *counts.entry(column).or_default() += 1.0;
                    }
                }
                _ => {}
            }
        }
        for (column, sum) in sums.iter_mut().enumerate() {
            let count: f64 = if kind == TargetKind::Numbers {
                counts.get(&column).copied().unwrap_or(1.0)
            } else {
                total
            };
            *sum /= count.max(1.0);
        }
        Self {
            kind,
            columns: sums,
        }
    }

    /// The commonest answer for an example with this target (only its number of words is read).
    pub fn answer(&self, target: &Target) -> Answer {
        let probabilities: Vec<f32> = self.columns.iter().map(|&share| share as f32).collect();
        let commonest = (0..self.columns.len())
            .rev()
            .max_by(|&a, &b| self.columns[a].total_cmp(&self.columns[b]));
        let commonest = commonest.unwrap_or(0) as u32;
        match self.kind {
            TargetKind::Label => Answer::Class {
                label: commonest,
                probabilities,
            },
            TargetKind::Labels => {
                let mut labels: Vec<u32> = (0..probabilities.len() as u32)
                    .filter(|&label| probabilities[label as usize] >= 0.5)
                    .collect();
                if labels.is_empty() {
                    labels.push(commonest);
                }
                Answer::Labels {
                    labels,
                    probabilities,
                }
            }
            TargetKind::Numbers => Answer::Numbers {
                values: probabilities,
            },
            // No answer is the commonest of all.
            TargetKind::Spans => Answer::Spans {
                spans: Vec::new(),
                null: 0.0,
            },
            TargetKind::Tags => {
                let words = match target {
                    Target::Tags(tags) => tags.len(),
                    _ => 0,
                };
                let share = self.columns.get(commonest as usize).copied().unwrap_or(0.0) as f32;
                Answer::Tags {
                    tags: vec![commonest; words],
                    probabilities: vec![share; words],
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_answer_of_each_kind() {
        let classes = [Target::Class(1), Target::Class(0), Target::Class(1)];
        let answer = Majority::new(TargetKind::Label, 2, &classes).answer(&classes[1]);
        assert!(matches!(answer, Answer::Class { label: 1, .. }));

        let tags = [
            Target::Tags(vec![0, 0, 1, IGNORED_TAG]),
            Target::Tags(vec![0]),
        ];
        let answer = Majority::new(TargetKind::Tags, 2, &tags).answer(&tags[0]);
        assert_eq!(
            answer,
            Answer::Tags {
                tags: vec![0; 4],
                probabilities: vec![0.75; 4]
            }
        );

        let labels = [
            Target::MultiLabel(vec![2]),
            Target::MultiLabel(vec![]),
            Target::MultiLabel(vec![0]),
        ];
        let answer = Majority::new(TargetKind::Labels, 3, &labels).answer(&labels[0]);
        assert!(matches!(answer, Answer::Labels { labels, .. } if labels == [0]));

        let numbers = [
            Target::Numbers(vec![1.0, f32::NAN]),
            Target::Numbers(vec![3.0, 5.0]),
        ];
        let answer = Majority::new(TargetKind::Numbers, 2, &numbers).answer(&numbers[0]);
        assert_eq!(
            answer,
            Answer::Numbers {
                values: vec![2.0, 5.0]
            }
        );
    }
}
