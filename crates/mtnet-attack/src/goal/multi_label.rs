//! Any set of labels but the right one: `score = max over labels of |p − y|`, where `y` is 1 for a
//! label that holds and 0 for the others.

use mtnet_core::Target;
use mtnet_heads::Answer;

use super::{Goal, Steer, Verdict};
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct OtherLabels {
    labels: Vec<u32>,
    starts_right: bool,
    steer: Steer,
}

impl OtherLabels {
    pub(super) fn new(labels: &[u32], clean: &Answer) -> Self {
        Self {
            labels: labels.to_vec(),
            starts_right: holds(clean, labels),
            steer: Steer::away_from(&Target::MultiLabel(labels.to_vec())),
        }
    }
}

impl Goal for OtherLabels {
    fn starts_right(&self) -> bool {
        self.starts_right
    }

    fn judge(&self, _: &AttackedText, answer: &Answer) -> Verdict {
        let Answer::Labels { probabilities, .. } = answer else {
            return Verdict::new(0.0, false);
        };
        let wrong = (0u32..).zip(probabilities).map(|(label, &p)| {
            let holds = f64::from(u8::from(self.labels.contains(&label)));
            (f64::from(p) - holds).abs()
        });
        Verdict::new(wrong.fold(0.0, f64::max), !holds(answer, &self.labels))
    }

    fn steer(&self) -> &Steer {
        &self.steer
    }
}

fn holds(answer: &Answer, expected: &[u32]) -> bool {
    matches!(answer, Answer::Labels { labels, .. } if labels == expected)
}
