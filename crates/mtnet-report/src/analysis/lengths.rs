//! Scores by length of the text: buckets with about equal numbers of examples.

use super::answers::answer_scores;
use super::labels::micro_f1;
use super::{Interval, is_bio, known_tags, wilson_interval};
use crate::predictions::{Outcome, Prediction};

/// Most buckets.
const BUCKETS: usize = 5;

/// Scores by length.
#[derive(Clone, Debug, PartialEq)]
pub struct LengthScores {
    /// What the scores are.
    pub metric: &'static str,
    /// From short to long.
    pub buckets: Vec<LengthBucket>,
}

/// The texts of `shortest` to `longest` tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct LengthBucket {
    /// Fewest tokens.
    pub shortest: usize,
    /// Most tokens.
    pub longest: usize,
    /// Texts.
    pub count: usize,
    /// Their score.
    pub score: f64,
    /// Interval of the score, where it is a share of texts.
    pub interval: Option<Interval>,
}

/// Scores by length of a task, `None` without predictions.
pub fn length_scores(columns: &[String], predictions: &[Prediction]) -> Option<LengthScores> {
    let mut sorted: Vec<&Prediction> = predictions.iter().collect();
    sorted.sort_by_key(|prediction| prediction.tokens);
    let first = sorted.first()?;
    let metric = match &first.outcome {
        Outcome::Class { .. } => "accuracy",
        Outcome::Labels { .. } => "micro F1",
        Outcome::Numbers { .. } => "mean absolute error",
        Outcome::Tags { .. } if is_bio(columns) => "entity F1",
        Outcome::Tags { .. } => "tag accuracy",
        Outcome::Spans { .. } => "exact match",
    };
    let mut buckets = Vec::new();
    let mut rest = &sorted[..];
    while !rest.is_empty() {
        let wanted = rest
            .len()
            .div_ceil(BUCKETS - buckets.len().min(BUCKETS - 1));
        // Texts of one length stay together.
        let last = rest[wanted - 1].tokens;
        let size = rest.partition_point(|prediction| prediction.tokens <= last);
        let (bucket, longer) = rest.split_at(size);
        rest = longer;
        if let Some((score, interval)) = score(columns, bucket) {
            buckets.push(LengthBucket {
                shortest: bucket[0].tokens,
                longest: last,
                count: bucket.len(),
                score,
                interval,
            });
        }
    }
    Some(LengthScores { metric, buckets })
}

fn score(columns: &[String], bucket: &[&Prediction]) -> Option<(f64, Option<Interval>)> {
    match &bucket.first()?.outcome {
        Outcome::Class { .. } => {
            let is_right = |prediction: &&&Prediction| matches!(&prediction.outcome, Outcome::Class { truth, answer, .. } if truth == answer);
            let right = bucket.iter().filter(is_right).count();
            let interval = wilson_interval(right, bucket.len())?;
            Some((interval.mean, Some(interval)))
        }
        Outcome::Labels { .. } => Some((micro_f1(columns, bucket)?, None)),
        Outcome::Tags { .. } if is_bio(columns) => Some((micro_f1(columns, bucket)?, None)),
        Outcome::Tags { .. } => {
            let tags = bucket
                .iter()
                .filter_map(|prediction| known_tags(prediction));
            let (mut right, mut all) = (0, 0);
            for (truth, answer) in tags {
                all += truth.len();
                right += truth
                    .iter()
                    .zip(&answer)
                    .filter(|(truth, answer)| truth == answer)
                    .count();
            }
            (all > 0).then(|| (right as f64 / all as f64, None))
        }
        Outcome::Spans { .. } => {
            let scores = bucket
                .iter()
                .filter_map(|prediction| answer_scores(prediction));
            let exact = scores.filter(|(exact, _)| *exact).count();
            let interval = wilson_interval(exact, bucket.len())?;
            Some((interval.mean, Some(interval)))
        }
        Outcome::Numbers { .. } => {
            let mut errors = Vec::new();
            for prediction in bucket {
                if let Outcome::Numbers { truth, answer } = &prediction.outcome {
                    let pairs = truth.iter().zip(answer);
                    errors.extend(
                        pairs.filter_map(|(truth, answer)| Some(((*truth)? - answer).abs())),
                    );
                }
            }
            (!errors.is_empty()).then(|| (errors.iter().sum::<f64>() / errors.len() as f64, None))
        }
    }
}
