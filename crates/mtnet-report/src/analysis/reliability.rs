//! Whether confidence is deserved: the reliability diagram of each kind of answer.

use mtnet_metrics::Reliability;

use super::index_of;
use crate::predictions::{Outcome, Prediction};

/// Bins of equal width.
const BINS: usize = 10;

/// What is asked of a task's confidence: of a classification whether its label is right, of a
/// multi-label task whether each label holds as often as its probability says, of tags whether the
/// word's tag is right. `None` for numbers and spans, which have no confidence, or without predictions.
pub fn reliability(columns: &[String], predictions: &[Prediction]) -> Option<Reliability> {
    let (mut is_right, mut confidences) = (Vec::new(), Vec::new());
    for prediction in predictions {
        match &prediction.outcome {
            Outcome::Class {
                truth,
                answer,
                probabilities,
            } => {
                is_right.push(truth == answer);
                confidences.push(probabilities[index_of(columns, answer)]);
            }
            Outcome::Labels {
                truth,
                probabilities,
                ..
            } => {
                is_right.extend(columns.iter().map(|column| truth.contains(column)));
                confidences.extend(probabilities);
            }
            Outcome::Tags {
                truth,
                answer,
                probabilities,
                ..
            } => {
                for ((truth, answer), probability) in truth.iter().zip(answer).zip(probabilities) {
                    if let Some(truth) = truth {
                        is_right.push(truth == answer);
                        confidences.push(*probability);
                    }
                }
            }
            Outcome::Numbers { .. } | Outcome::Spans { .. } => return None,
        }
    }
    // Rounding may leave a probability a millionth above 1.
    confidences.iter_mut().for_each(|p| *p = p.clamp(0.0, 1.0));
    Reliability::from_confidences(&is_right, &confidences, BINS).ok()
}
