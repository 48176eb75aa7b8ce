//! The two sides of a curve, and the run of one point of it.

use mtnet_compare::parts::Part;
use mtnet_core::TaskName;
use mtnet_encoders::{EncoderConfig, HubCache, PretrainedFolder};
use mtnet_train::run_file::{EvalStrategy, RunFile, TrainConfig};

use super::{FewShotOptions, Size};
use crate::origin::origin;
use crate::trained::TrainedModel;
use crate::{ExtendError, TrainOnly};

/// Examples of a batch where the run file states no number.
const BATCH_SIZE: usize = 16;
/// Evaluations of a run, from which the best weights are taken.
const EVALUATIONS: u64 = 5;

/// Where one side starts.
#[derive(Clone, Debug)]
pub(super) struct Arm {
    /// `multi-task` or `plain`.
    pub name: &'static str,
    pub encoder: EncoderConfig,
    /// What it is, for a reader.
    pub about: String,
}

/// The multi-task encoder and the plain one.
pub(super) fn arms(
    run: &RunFile,
    model: &TrainedModel,
    options: &FewShotOptions,
) -> Result<[Arm; 2], ExtendError> {
    let given = &run.config.encoder;
    let mut multi = model.encoder(given);
    options.train_only.apply(&mut multi, model.layers())?;
    let mut plain = match &options.against {
        Some(from) => EncoderConfig {
            from: Some(from.clone()),
            max_length: multi.max_length,
            ..EncoderConfig::default()
        },
        None => origin(&model.path)?,
    };
    plain.hidden_dropout = given.hidden_dropout.or(plain.hidden_dropout);
    plain.attention_dropout = given.attention_dropout.or(plain.attention_dropout);
    plain.embedding_dropout = given.embedding_dropout.or(plain.embedding_dropout);
    plain.layer_drop = given.layer_drop.or(plain.layer_drop);
    let about = match (plain.from.clone(), plain.preset) {
        (Some(from), _) => {
            let found = PretrainedFolder::find(&from, &run.base, &HubCache::from_env())?;
            let layers = plain.layers.unwrap_or(found.spec().layers());
            options.train_only.apply(&mut plain, layers)?;
            from
        }
        (None, preset) => {
            let name = preset.map_or("an encoder", |preset| preset.as_str());
            if options.train_only != TrainOnly::All {
                return Err(ExtendError::Origin {
                    model: model.path.clone(),
                    problem: format!(
                        "it started from nothing (`{name}`), which cannot be kept frozen"
                    ),
                });
            }
            TrainOnly::All.apply(&mut plain, 0)?;
            format!("{name} from scratch")
        }
    };
    Ok([
        Arm {
            name: "multi-task",
            encoder: multi,
            about: model.path.display().to_string(),
        },
        Arm {
            name: "plain",
            encoder: plain,
            about,
        },
    ])
}

/// The run of a task alone from one side.
pub(super) fn alone(run: &RunFile, task: &TaskName, arm: &Arm) -> Result<RunFile, ExtendError> {
    let mut config = Part::of(run, std::slice::from_ref(task))?.run.config;
    config.encoder = arm.encoder.clone();
    config.run.output = None;
    Ok(RunFile::new(config, run.base.clone())?)
}

/// The run of a point: so many of `available` examples, in steps that depend on nothing else.
pub(super) fn point(
    mut alone: RunFile,
    size: Size,
    available: usize,
    seed: u64,
    min_steps: u64,
) -> Result<RunFile, ExtendError> {
    let config = &mut alone.config;
    let examples = match size {
        Size::Examples(examples) => examples.min(available),
        Size::All => available,
    };
    config.run.seed = seed;
    if let Size::Examples(examples) = size {
        for task in &mut config.task {
            (task.train_examples, task.train_fraction) = (Some(examples), None);
        }
    }
    budget(&mut config.train, examples, min_steps);
    Ok(RunFile::new(alone.config, alone.base)?)
}

fn budget(train: &mut TrainConfig, examples: usize, min_steps: u64) {
    let batch = train.batch_size.unwrap_or(BATCH_SIZE).min(examples).max(1);
    let of_epochs = (train.epochs * examples as f64 / batch as f64).ceil() as u64;
    let steps = train.max_steps.unwrap_or(of_epochs).max(min_steps).max(1);
    train.batch_size = Some(batch);
    train.gradient_accumulation_steps = 1;
    train.max_steps = Some(steps);
    if train.eval_strategy != EvalStrategy::No {
        train.eval_strategy = EvalStrategy::Steps;
        train.eval_steps = steps.div_ceil(EVALUATIONS);
    }
    // Neither is read by anybody here.
    train.save_predictions = false;
    train.gradient_stats_steps = 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_examples_still_get_their_steps() {
        let of = |train: TrainConfig, examples| {
            let mut train = train;
            budget(&mut train, examples, 100);
            (train.batch_size, train.max_steps, train.eval_steps)
        };
        let train = TrainConfig {
            epochs: 5.0,
            ..TrainConfig::default()
        };
        assert_eq!(of(train.clone(), 8), (Some(8), Some(100), 20));
        assert_eq!(of(train.clone(), 64), (Some(16), Some(100), 20));
        assert_eq!(of(train.clone(), 1600), (Some(16), Some(500), 100));
        let stated = TrainConfig {
            max_steps: Some(205),
            batch_size: Some(4),
            ..train
        };
        assert_eq!(of(stated, 1600), (Some(4), Some(205), 41));
    }
}
