//! The tables `[run]`, `[encoder]`, `[train]`, `[balance]` and `[sampler]`.

use std::collections::BTreeSet;

use mtnet_balance::{BalanceError, GradientPlace, TaskInfo};
use mtnet_data::DataError;
use mtnet_encoders::Preset;
use mtnet_heads::HeadConfig;

use super::super::{EvalStrategy, RunConfig, TrainConfig, TrainPrecision};
use super::{Report, RunFileError, RunFileProblem};
use crate::monitor::MonitorConfig;
use crate::optimizer::OptimizerError;
use crate::schedule::{Schedule, ScheduleError};

/// The fewest tokens of a batch: two special ones and a few of a text.
const LEAST_BATCH_TOKENS: usize = 16;

/// That the run's name can be a folder, its seed a TOML number, and its device is one.
pub(super) fn check_run(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    let run = &config.run;
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    let edges = !run.name.starts_with(['.', ' ']) && !run.name.ends_with(['.', ' ']);
    if run.name.is_empty() || run.name.len() > 100 || !edges || !run.name.chars().all(fits) {
        let expected =
            "a name for a folder: letters, digits, `-`, `_`, and inside also `.` and blanks";
        return Err(report.value("run.name", "run.name", format!("{:?}", run.name), expected));
    }
    if i64::try_from(run.seed).is_err() {
        return Err(report.value(
            "run.seed",
            "run.seed",
            run.seed,
            format!("at most {}", i64::MAX),
        ));
    }
    let number = run
        .device
        .strip_prefix("cuda:")
        .map(|number| number.parse::<u16>().is_ok());
    if !number.unwrap_or(matches!(run.device.as_str(), "cpu" | "cuda" | "metal")) {
        let found = format!("{:?}", run.device);
        let expected = "`cpu`, `cuda`, `cuda:N` or `metal`";
        return Err(report.value("run.device", "run.device", found, expected));
    }
    Ok(())
}

/// That the encoder's settings go together.
pub(super) fn check_encoder(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    config.encoder.check().map_err(|error| {
        use mtnet_encoders::ConfigError::{Missing, Unused, Value};
        let path = match &error {
            Missing { key } | Value { key, .. } => format!("encoder.{key}"),
            Unused { key, .. } => format!("encoder.{key}"),
            _ => "encoder".to_owned(),
        };
        report.error(&path, error)
    })
}

/// That encoder and device can have the precision.
pub(super) fn check_precision(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    let key = "train.precision";
    let problem = if config.train.precision == TrainPrecision::F32 {
        return Ok(());
    } else if config.run.device != "cpu" {
        format!("`f32` with `run.device = {:?}`", config.run.device)
    } else if config.encoder.preset == Some(Preset::MtNetWindow) {
        "`f32` with `encoder.preset = \"mt-net-window\"`".to_owned()
    } else {
        return Ok(());
    };
    let expected = format!("{problem}; bf16 is for transformers on a CPU");
    Err(report.value(key, key, "`bf16`", expected))
}

/// That every number of `[train]` is in its range.
pub(super) fn check_train(train: &TrainConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    let value = |name: &str, found: &dyn ToString, expected: &str| {
        let key = format!("train.{name}");
        report.value(&key, &key, found.to_string(), expected)
    };
    if !(train.epochs.is_finite() && train.epochs > 0.0) {
        return Err(value("epochs", &train.epochs, "a number above 0"));
    }
    let least = |name: &str, found: Option<u64>, least: u64| match found {
        Some(found) if found < least => Err(value(name, &found, &format!("at least {least}"))),
        _ => Ok(()),
    };
    let count = |number: usize| Some(number as u64);
    least("max_steps", train.max_steps, 1)?;
    least(
        "batch_tokens",
        count(train.batch_tokens),
        LEAST_BATCH_TOKENS as u64,
    )?;
    least(
        "eval_batch_tokens",
        count(train.eval_batch_tokens),
        LEAST_BATCH_TOKENS as u64,
    )?;
    least("batch_size", train.batch_size.and_then(count), 1)?;
    least(
        "gradient_accumulation_steps",
        count(train.gradient_accumulation_steps),
        1,
    )?;
    least("eval_steps", Some(train.eval_steps), 1)?;
    least("logging_steps", Some(train.logging_steps), 1)?;
    least("save_steps", train.save_steps, 1)?;
    least("save_total_limit", count(train.save_total_limit), 1)?;
    least(
        "early_stopping_patience",
        train.early_stopping_patience.and_then(count),
        1,
    )?;
    least("threads", train.threads.and_then(count), 1)?;
    least("unfreeze_steps", train.unfreeze_steps, 1)?;
    least(
        "plateau_patience",
        train.plateau_patience.and_then(count),
        1,
    )?;
    let ranged =
        |name: &str, found: Option<f64>, fits: &dyn Fn(f64) -> bool, expected: &str| match found
            .filter(|&found| !(found.is_finite() && fits(found)))
        {
            Some(found) => Err(value(name, &found, expected)),
            None => Ok(()),
        };
    ranged(
        "r_drop",
        train.r_drop,
        &|weight| weight > 0.0,
        "a number above 0",
    )?;
    let share = |share: f64| (0.0..1.0).contains(&share);
    ranged("ema_decay", train.ema_decay, &share, "a number in [0, 1)")?;
    ranged("swa_start", train.swa_start, &share, "a number in [0, 1)")?;
    let inside = |factor: f64| factor > 0.0 && factor < 1.0;
    ranged(
        "plateau_factor",
        train.plateau_factor,
        &inside,
        "a number between 0 and 1",
    )?;

    train.optimizer.check().map_err(|error| {
        let name = match error {
            OptimizerError::Setting { setting, .. } => setting,
            _ => "optimizer",
        };
        report.error(&format!("train.{name}"), error)
    })?;
    match Schedule::new(&train.schedule, 1) {
        Ok(_) => Ok(()),
        Err(error) => {
            let ScheduleError::Setting { setting, .. } = error;
            Err(report.error(&format!("train.{setting}"), error))
        }
    }
}

/// That the thresholds of `[monitor]` are in their ranges.
pub(super) fn check_monitor(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    match config.monitor.as_ref().and_then(MonitorConfig::problem) {
        Some((name, found, expected)) => {
            let key = format!("monitor.{name}");
            Err(report.value(&key, &key, found, expected))
        }
        None => Ok(()),
    }
}

/// That `[adversarial]` and `[augment]` make sense.
pub(super) fn check_robustness(
    config: &RunConfig,
    report: &Report<'_>,
) -> Result<(), RunFileError> {
    let adversarial = config
        .adversarial
        .as_ref()
        .and_then(|table| table.problem());
    let augment = config.augment.as_ref().and_then(|table| table.problem());
    for (table, problem) in [("adversarial", adversarial), ("augment", augment)] {
        if let Some((name, found, expected)) = problem {
            let key = format!("{table}.{name}");
            return Err(report.value(&key, &key, found, expected));
        }
    }
    let tasks = config.task.iter().enumerate();
    for (index, task) in tasks.filter(|(_, task)| task.adversarial.is_some()) {
        if config.adversarial.is_none() {
            let key = format!("task.{index}.adversarial");
            let found = "given";
            let expected = format!(
                "an `[adversarial]` table beside it, for task `{}`",
                task.name
            );
            return Err(report.value(&key, &key, found, expected));
        }
    }
    Ok(())
}

/// That the run can be selected, stopped and ended by what it says.
pub(super) fn check_selection(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    let train = &config.train;
    let metric = train.metric_for_best_model.as_str();
    let task = metric.split_once('.').map_or(metric, |(task, _)| task);
    let tasks: Vec<&str> = config.task.iter().map(|task| task.name.as_str()).collect();
    if metric != "mean" && !tasks.contains(&task) {
        let key = "train.metric_for_best_model";
        let what = "`mean`, `TASK` or `TASK.METRIC` with one of the tasks";
        return Err(report.unknown(key, key, metric, what, &tasks));
    }
    let key = "train.target_metric";
    if let Some(target) = train.target_metric.filter(|target| !target.is_finite()) {
        return Err(report.value(key, key, target, "a finite number"));
    }
    if let (Some(decay), Some(_)) = (train.ema_decay, train.swa_start) {
        let key = "train.ema_decay";
        return Err(report.value(
            key,
            key,
            decay,
            "one of `ema_decay` and `swa_start`, not both",
        ));
    }
    let stops = [
        ("train.plateau_patience", train.plateau_patience.is_some()),
        ("train.target_metric", train.target_metric.is_some()),
        (
            "train.early_stopping_patience",
            train.early_stopping_patience.is_some(),
        ),
    ];
    match stops
        .into_iter()
        .find(|(_, given)| *given && train.eval_strategy == EvalStrategy::No)
    {
        Some((key, _)) => {
            let problem = RunFileProblem::Refused {
                key: key.to_owned(),
                problem: "no effect with `eval_strategy = \"no\"`; remove one of the two"
                    .to_owned(),
            };
            Err(report.error(key, problem))
        }
        None => Ok(()),
    }
}

/// That `[balance]` and `[sampler]` fit the tasks.
pub(super) fn check_mixing(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    // How many classes a task has is known once its data is read.
    let classes = |head: &HeadConfig| match head {
        HeadConfig::Regression(_) => None,
        _ => Some(2),
    };
    let tasks: Vec<TaskInfo> = config
        .task
        .iter()
        .map(|task| TaskInfo::new(task.name.as_str(), classes(&task.head)))
        .collect();
    config.balance.build(&tasks).map_err(|error| {
        let path = match &error {
            BalanceError::Setting { setting, .. } => format!("balance.{setting}"),
            BalanceError::UnknownTask { setting, .. } => setting.clone(),
            _ => "balance.method".to_owned(),
        };
        report.error(&path, error)
    })?;
    check_gradient_place(config, report)?;
    config
        .sampler
        .check(config.task.iter().map(|task| &task.name))
        .map_err(|error| {
            let path = match &error {
                DataError::Sampler { key, .. } => format!("sampler.{key}"),
                _ => "sampler".to_owned(),
            };
            report.error(&path, error)
        })
}

/// Gradients of hidden rows can be held against each other only where tasks read the same rows.
fn check_gradient_place(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    let tasks = &config.task;
    let apart = tasks.iter().skip(1).find(|task| {
        let first: BTreeSet<_> = tasks[0].dataset.as_slice().iter().collect();
        task.dataset.as_slice().iter().collect::<BTreeSet<_>>() != first
    });
    match apart {
        Some(task) if config.balance.at == GradientPlace::Representation => Err(report.value(
            "balance.at",
            "balance.at",
            "`representation`",
            format!(
                "`parameters`, because tasks `{}` and `{}` learn from different data sets and \
                 have no hidden row in common",
                tasks[0].name, task.name
            ),
        )),
        _ => Ok(()),
    }
}
