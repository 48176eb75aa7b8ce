//! How long a single-task model is trained: by what the multi-task model sees of its task.

use mtnet_core::{Split, TaskName};
use mtnet_data::{Corpus, Strategy};
use mtnet_train::run_file::{RunFile, TrainConfig};
use mtnet_train::trainer::{Prepared, epoch_plan};

use crate::Budget;

/// Settings of the training of `task` alone.
pub(crate) fn of_one_task(
    run: &RunFile,
    prepared: &Prepared,
    task: &TaskName,
    budget: Budget,
) -> TrainConfig {
    let corpus = prepared.corpus(Split::Train);
    let mut train = run.config.train.clone();
    train.epochs = epochs(run, prepared, task);
    train.max_steps = None;
    if budget == Budget::Steps {
        let share = token_share(corpus, task);
        train.batch_tokens = part_of(train.batch_tokens, share);
        train.batch_size = train.batch_size.map(|size| part_of(size, share));
    }
    train
}

fn part_of(size: usize, share: f64) -> usize {
    ((size as f64 * share).round() as usize).max(1)
}

/// Settings of the training of some of the tasks together.
pub(crate) fn of_group(run: &RunFile, prepared: &Prepared, tasks: &[TaskName]) -> TrainConfig {
    let each = tasks.iter().map(|task| epochs(run, prepared, task));
    TrainConfig {
        epochs: each.sum::<f64>() / tasks.len().max(1) as f64,
        max_steps: None,
        ..run.config.train.clone()
    }
}

/// How often the multi-task run sees an example of the task, on average.
pub(crate) fn epochs(run: &RunFile, prepared: &Prepared, task: &TaskName) -> f64 {
    let (config, sampler) = (&run.config.train, &run.config.sampler);
    let once = sampler.strategy == Strategy::Proportional && sampler.examples_per_epoch.is_none();
    if once && config.max_steps.is_none() {
        return config.epochs;
    }
    let corpus = prepared.corpus(Split::Train);
    let (plan, steps) = epoch_plan(run, corpus);
    let mut left = steps as usize * config.gradient_accumulation_steps.max(1);
    let has = |example: &usize| corpus.targets()[*example].contains_key(task);
    let mut seen = 0.0;
    for epoch in 0..plan.epochs {
        let batches = plan.batches(epoch).max(1);
        let examples = plan
            .order(epoch)
            .iter()
            .filter(|example| has(example))
            .count();
        seen += examples as f64 * (left as f64 / batches as f64).min(1.0);
        left = left.saturating_sub(batches);
        if left == 0 {
            break;
        }
    }
    let labelled = (0..corpus.len()).filter(|example| has(example)).count();
    seen / labelled.max(1) as f64
}

/// Share of the tokens of the training data that stand in texts labelled for the task.
fn token_share(corpus: &Corpus, task: &TaskName) -> f64 {
    let (mut own, mut all) = (0, 0);
    for (text, targets) in corpus.texts().iter().zip(corpus.targets()) {
        let windows = text.windows.iter();
        let tokens: usize = windows.map(|window| window.input_ids.len()).sum();
        all += tokens;
        if targets.contains_key(task) {
            own += tokens;
        }
    }
    own as f64 / all.max(1) as f64
}
