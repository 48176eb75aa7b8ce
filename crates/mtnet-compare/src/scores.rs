//! The score of answers on any sample of the test examples, and gains made of such scores.

use mtnet_core::{IGNORED_TAG, Target, TaskName};
use mtnet_heads::{Answer, TaskHead};
use mtnet_metrics::{Direction, MetricKind, Scheme, entities};

use crate::CompareError;

/// How far a score by sums may be from that of the head.
const SAME: f64 = 1e-9;

/// What one task is scored by.
///
/// The gain of a score over another one counts upwards for the better one: an error that falls is
/// a gain. `Δm` of a system is the mean over tasks of its gain over the single-task score `b` in
/// per cent of `b` (Maninis, Radosavovic and Kokkinos 2019, *Attentive single-tasking of multiple
/// tasks*, §5, <https://arxiv.org/abs/1904.08918>).
#[derive(Clone, Copy, Debug)]
pub struct TaskScores<'a> {
    /// The task.
    pub task: &'a TaskName,
    /// Its head.
    pub head: &'a dyn TaskHead,
    /// What the columns mean.
    pub labels: &'a [String],
    /// The targets of the test examples.
    pub targets: &'a [&'a Target],
    /// Name of the metric.
    pub metric: &'a str,
    /// Whether a higher value is the better one.
    pub higher_is_better: bool,
}

impl<'a> TaskScores<'a> {
    /// The direction of a metric by its name; what has no known name counts upwards.
    pub fn higher_is_better(metric: &str) -> bool {
        let name = metric.split('/').next().unwrap_or(metric);
        MetricKind::from_name(name).is_none_or(|kind| kind.direction() == Direction::HigherIsBetter)
    }

    /// The score of answers to all examples.
    ///
    /// # Errors
    /// If answers and targets do not fit.
    pub fn score(&self, answers: &[Answer]) -> Result<f64, CompareError> {
        self.by_head(answers, self.targets)
    }

    fn by_head(&self, answers: &[Answer], targets: &[&Target]) -> Result<f64, CompareError> {
        let failed = |source| CompareError::Score {
            task: self.task.clone(),
            source: Box::new(source),
        };
        let metrics = self.head.metrics(answers, targets).map_err(failed)?;
        Ok(metrics.value(self.metric).unwrap_or(f64::NAN))
    }

    /// Prepares answers for scoring on many samples.
    ///
    /// # Errors
    /// If answers and targets do not fit.
    pub fn sampler(&self, answers: &'a [Answer]) -> Result<Sampler<'a>, CompareError> {
        let score = self.score(answers)?;
        let parts: Option<Vec<(f64, f64)>> = answers
            .iter()
            .zip(self.targets)
            .map(|(answer, target)| self.part(answer, target))
            .collect();
        let ratio = parts.filter(|parts| {
            let all: Vec<usize> = (0..parts.len()).collect();
            (ratio(parts, &all) - score).abs() <= SAME
        });
        Ok(Sampler {
            scores: *self,
            answers,
            ratio,
        })
    }

    /// What an example adds to the numerator and the denominator of the score, where it is such a
    /// ratio: right answers by answers, or `2 tp` by `2 tp + fp + fn`.
    fn part(&self, answer: &Answer, target: &Target) -> Option<(f64, f64)> {
        match (self.metric, answer, target) {
            ("accuracy", Answer::Class { label, .. }, Target::Class(class)) => {
                Some((f64::from(u8::from(label == class)), 1.0))
            }
            ("accuracy" | "token_accuracy", Answer::Tags { tags, .. }, Target::Tags(truth)) => {
                let known = truth
                    .iter()
                    .zip(tags)
                    .filter(|(truth, _)| **truth != IGNORED_TAG);
                let right = known.clone().filter(|(truth, tag)| truth == tag).count();
                Some((right as f64, known.count() as f64))
            }
            ("micro_f1", Answer::Labels { labels, .. }, Target::MultiLabel(truth)) => {
                let right = labels.iter().filter(|label| truth.contains(label)).count();
                Some((2.0 * right as f64, (labels.len() + truth.len()) as f64))
            }
            ("entity_f1", Answer::Tags { tags, .. }, Target::Tags(truth)) => {
                let known = truth
                    .iter()
                    .zip(tags)
                    .filter(|(truth, _)| **truth != IGNORED_TAG);
                let name = |tag: u32| self.labels[tag as usize].as_str();
                let (truth, found): (Vec<&str>, Vec<&str>) =
                    known.map(|(&truth, &tag)| (name(truth), name(tag))).unzip();
                let truth = entities(&truth, Scheme::Iob2);
                let found = entities(&found, Scheme::Iob2);
                let right = found.iter().filter(|entity| truth.contains(entity)).count();
                Some((2.0 * right as f64, (truth.len() + found.len()) as f64))
            }
            ("answer_f1" | "exact_match", Answer::Spans { .. }, Target::Spans { .. }) => {
                // Both are means over questions.
                let one = self.by_head(std::slice::from_ref(answer), &[target]);
                Some((one.ok()?, 1.0))
            }
            _ => None,
        }
    }

    /// How much better `ours` is than `theirs`, in the unit of the metric.
    pub fn gain(&self, ours: f64, theirs: f64) -> f64 {
        match self.higher_is_better {
            true => ours - theirs,
            false => theirs - ours,
        }
    }

    /// The gain in per cent of `theirs`; not a number where that is 0.
    pub fn relative_gain(&self, ours: f64, theirs: f64) -> f64 {
        match theirs.abs() {
            0.0 => f64::NAN,
            size => 100.0 * self.gain(ours, theirs) / size,
        }
    }
}

/// Answers that can be scored on samples of the examples.
#[derive(Clone, Debug)]
pub struct Sampler<'a> {
    scores: TaskScores<'a>,
    answers: &'a [Answer],
    /// Numerator and denominator of each example, where the score is their ratio.
    ratio: Option<Vec<(f64, f64)>>,
}

impl Sampler<'_> {
    /// The score on a sample; not a number where it has none.
    pub fn score(&self, sample: &[usize]) -> f64 {
        match &self.ratio {
            Some(parts) => ratio(parts, sample),
            None => {
                let answers: Vec<Answer> =
                    sample.iter().map(|&at| self.answers[at].clone()).collect();
                let targets: Vec<&Target> =
                    sample.iter().map(|&at| self.scores.targets[at]).collect();
                self.scores.by_head(&answers, &targets).unwrap_or(f64::NAN)
            }
        }
    }
}

/// 0 without any denominator, as the F1 of nothing is.
fn ratio(parts: &[(f64, f64)], sample: &[usize]) -> f64 {
    let (mut numerator, mut denominator) = (0.0, 0.0);
    for &at in sample {
        numerator += parts[at].0;
        denominator += parts[at].1;
    }
    if denominator == 0.0 {
        0.0
    } else {
        numerator / denominator
    }
}
