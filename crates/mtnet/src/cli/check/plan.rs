//! What the sampler will draw, and how many steps that makes.

use std::collections::BTreeMap;
use std::sync::Arc;

use mtnet::core::{RandomStream, Split, TaskName};
use mtnet::data::{BatchSize, EpochPlan, TaskDraws, sampling_groups, task_draws};
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::Prepared;

use super::report::Schedule;

/// Draws of each task in the first epoch, and the number of batches and steps.
pub fn plan(run: &RunFile, prepared: &Prepared) -> (BTreeMap<TaskName, TaskDraws>, Schedule) {
    let train = &run.config.train;
    let corpus = prepared.corpus(Split::Train);
    let plan = EpochPlan {
        corpus: Arc::clone(corpus),
        groups: sampling_groups(corpus.targets()),
        sampler: run.config.sampler.clone(),
        batch: match train.batch_size {
            Some(examples) => BatchSize::Examples(examples),
            None => BatchSize::Tokens(train.batch_tokens),
        },
        order: RandomStream::new(run.config.run.seed).child("order"),
        epochs: train.epochs.ceil().max(1.0) as usize,
    };
    let draws = task_draws(&plan.groups, &plan.sampler, 0, plan.epochs);
    let batches_per_epoch = plan.batches(0);
    let batches = train.epochs * batches_per_epoch as f64;
    let steps = train
        .max_steps
        .unwrap_or((batches / train.gradient_accumulation_steps as f64) as u64);
    (
        draws,
        Schedule {
            batches_per_epoch,
            steps,
        },
    )
}
