//! What the training targets say of a task, for its head.

use mtnet_core::{IGNORED_TAG, Target};
use mtnet_data::{Corpus, TaskSchemas};
use mtnet_heads::{HeadConfig, SPAN_COLUMNS, TaskSpec};

use super::TrainError;
use super::corpus::targets_of;
use super::warm_start::WarmStart;
use crate::run_file::RunConfig;

/// What the heads of a run are built from: labels of the schemas, counts and moments of the
/// training data; of heads that start warm, what their model folder says.
pub(super) fn specs(
    config: &RunConfig,
    schemas: &TaskSchemas,
    train: &Corpus,
    warm: &WarmStart,
) -> Result<Vec<TaskSpec>, TrainError> {
    let mut specs = Vec::with_capacity(config.task.len());
    for task in &config.task {
        if let Some(known) = warm.specs.get(&task.name) {
            specs.push(known.clone());
            continue;
        }
        let labels = match schemas
            .get(&task.name)
            .and_then(|schema| schema.labels.as_ref())
        {
            Some(labels) => labels.names().to_vec(),
            None if matches!(task.head, HeadConfig::QuestionAnswering(_)) => {
                SPAN_COLUMNS.map(str::to_owned).to_vec()
            }
            // The columns of a regression are named after their fields.
            None => task
                .label
                .as_slice()
                .iter()
                .map(|field| field.as_str().to_owned())
                .collect(),
        };
        let mut spec = TaskSpec::new(task.name.clone(), task.head.clone(), labels);
        learn_from_targets(
            &mut spec,
            targets_of(train, &task.name).map(|(_, target)| target),
        );
        specs.push(spec);
    }
    Ok(specs)
}

/// Adds counts of labels, and the mean and deviation of numbers, to a task.
fn learn_from_targets<'a>(spec: &mut TaskSpec, targets: impl Iterator<Item = &'a Target>) {
    let columns = spec.labels.len();
    let mut counts = vec![0u64; columns];
    let mut moments = vec![Moments::default(); columns];
    for target in targets {
        spec.train_examples += 1;
        match target {
            Target::Class(class) => counts[*class as usize] += 1,
            Target::MultiLabel(labels) => {
                labels.iter().for_each(|&label| counts[label as usize] += 1)
            }
            Target::Tags(tags) => {
                tags.iter()
                    .filter(|&&tag| tag != IGNORED_TAG)
                    .for_each(|&tag| counts[tag as usize] += 1);
            }
            Target::Numbers(numbers) => {
                numbers
                    .iter()
                    .zip(&mut moments)
                    .for_each(|(&number, moments)| moments.add(f64::from(number)));
            }
            _ => {}
        }
    }
    match &mut spec.head {
        HeadConfig::Regression(config) => {
            config
                .shift
                .get_or_insert_with(|| moments.iter().map(Moments::mean).collect());
            config
                .scale
                .get_or_insert_with(|| moments.iter().map(Moments::deviation).collect());
        }
        // Nothing to count: every text has a beginning and an end of its own.
        HeadConfig::QuestionAnswering(_) => {}
        _ => spec.label_counts = counts,
    }
}

#[derive(Clone, Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, number: f64) {
        if number.is_finite() {
            self.count += 1.0;
            self.sum += number;
            self.squares += number * number;
        }
    }

    fn mean(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }

    /// Standard deviation, 1 for a constant.
    fn deviation(&self) -> f64 {
        let variance = self.squares / self.count.max(1.0) - self.mean().powi(2);
        if variance > 1e-12 {
            variance.sqrt()
        } else {
            1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtnet_core::TaskName;

    #[test]
    fn numbers_are_standardised_and_labels_counted() {
        let mut spec = TaskSpec::new(
            TaskName::new("score").unwrap(),
            "regression".parse().unwrap(),
            ["score"],
        );
        let targets = [1.0, 3.0, f32::NAN].map(|number| Target::Numbers(vec![number]));
        learn_from_targets(&mut spec, targets.iter());
        let HeadConfig::Regression(config) = &spec.head else {
            panic!()
        };
        assert_eq!(
            (config.shift.as_deref(), config.scale.as_deref()),
            (Some(&[2.0][..]), Some(&[1.0][..]))
        );

        let mut spec = TaskSpec::new(
            TaskName::new("tag").unwrap(),
            "token-classification".parse().unwrap(),
            ["O", "X"],
        );
        learn_from_targets(&mut spec, [Target::Tags(vec![1, 0, 1, IGNORED_TAG])].iter());
        assert_eq!((spec.label_counts, spec.train_examples), (vec![1, 2], 1));
    }
}
