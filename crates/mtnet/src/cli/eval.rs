//! `eval`: scores a model folder on the labelled data of a run file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::core::{Split, Target, TaskName};
use mtnet::data::Corpus;
use mtnet::heads::HeadRegistry;
use mtnet::heads::{HeadConfig, TaskSpec};
use mtnet::kernels::Precision;
use mtnet::metrics::MetricSet;
use mtnet::model::{ModelFolder, Task};
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::{Majority, SplitMetrics, evaluate, open_device, read_corpus};
use serde_json::json;

use super::exit::Stop;
use super::model;
use super::output::Output;
use super::scores;

/// Arguments of `eval`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The model folder.
    model: PathBuf,
    /// The run file that names data sets and tasks; labels and settings are the model's own.
    #[arg(long, value_name = "RUN.toml")]
    data: PathBuf,
    /// Which part of the data sets.
    #[arg(long, default_value_t = Split::Test, value_name = "train|dev|test")]
    split: Split,
    /// Numbers that the encoder's products take: f32, bf16 or int8. Less exact from left to right.
    #[arg(long, default_value_t, value_name = "PRECISION")]
    precision: Precision,
    /// Writes all metrics as one JSON object.
    #[arg(long)]
    json: bool,
    /// Settings of the run file to change, such as dataset.ewt.test=other.conllu.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

/// Scores and prints the table.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let run = RunFile::load(&args.data, &args.overrides)?;
    let device = open_device(&run.config.run.device)?;
    let folder = model::open_in(&args.model, &device, args.precision)?;
    model::check_data(&args.data, &run, args.split, &folder)?;
    let corpus = read_corpus(&run, args.split, &folder, &HeadRegistry::default())?;
    let metrics = evaluate(&folder.model, &corpus, run.config.train.eval_batch_tokens)?;
    if metrics.is_empty() {
        let message = format!(
            "no example of the {} data has a label for a task of the model",
            args.split
        );
        return Err(Stop::data(message));
    }
    let named: BTreeMap<&TaskName, &str> = run
        .config
        .task
        .iter()
        .filter_map(|task| Some((&task.name, task.metric.as_deref()?)))
        .collect();
    let rows = rows(&folder, &corpus, &metrics, &named)?;
    if args.json || output.is_json() {
        let main: BTreeMap<&TaskName, &str> = rows
            .iter()
            .map(|row| (&row.task, row.metric.as_str()))
            .collect();
        return Ok(output
            .json(&json!({ "split": args.split, "metrics": metrics, "main_metric": main }))?);
    }
    Ok(output.line(scores::table(&[args.split.as_str(), "majority"], &rows))?)
}

fn rows(
    folder: &ModelFolder,
    corpus: &Corpus,
    metrics: &SplitMetrics,
    named: &BTreeMap<&TaskName, &str>,
) -> anyhow::Result<Vec<scores::Row>> {
    let mut rows = Vec::new();
    for task in folder.model.tasks() {
        let Some(found) = metrics.get(&task.spec.name) else {
            continue;
        };
        let majority = majority(task, corpus)?;
        let main = named
            .get(&task.spec.name)
            .copied()
            .filter(|name| found.contains_key(*name));
        let Some(main) = main.or_else(|| majority.main().map(|metric| metric.name.as_ref())) else {
            continue;
        };
        rows.push(scores::Row {
            task: task.spec.name.clone(),
            metric: main.to_owned(),
            scores: vec![found.get(main).copied(), majority.value(main)],
        });
    }
    Ok(rows)
}

/// The scores of always answering what the model saw most often in training.
fn majority(task: &Task, corpus: &Corpus) -> anyhow::Result<MetricSet> {
    let name = &task.spec.name;
    let seen = seen_in_training(&task.spec);
    let majority = Majority::new(task.head.target_kind(), task.spec.labels.len(), &seen);
    let targets: Vec<&Target> = corpus
        .targets()
        .iter()
        .filter_map(|targets| targets.get(name))
        .collect();
    let answers: Vec<_> = targets
        .iter()
        .map(|target| majority.answer(target))
        .collect();
    let metrics = task.head.metrics(&answers, &targets);
    metrics.with_context(|| format!("scoring task `{name}`"))
}

/// Training targets with the counts that the model folder keeps. Which labels stood together is
/// not known, and nothing here depends on it.
fn seen_in_training(spec: &TaskSpec) -> Vec<Target> {
    let labels = (0u32..).zip(spec.label_counts.iter().copied());
    let each = labels
        .clone()
        .flat_map(|(label, count)| (0..count).map(move |_| label));
    match &spec.head {
        HeadConfig::Regression(config) => {
            let means = config
                .shift
                .clone()
                .unwrap_or_else(|| vec![0.0; spec.labels.len()]);
            vec![Target::Numbers(
                means.iter().map(|&mean| mean as f32).collect(),
            )]
        }
        HeadConfig::MultiLabel(_) => (0..spec.train_examples)
            .map(|example| {
                let held = labels.clone().filter(|&(_, count)| example < count);
                Target::MultiLabel(held.map(|(label, _)| label).collect())
            })
            .collect(),
        // The commonest answer, none, needs no count.
        HeadConfig::QuestionAnswering(_) => Vec::new(),
        HeadConfig::TokenClassification(_) => vec![Target::Tags(each.collect())],
        _ => each.map(Target::Class).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_targets_come_back_with_their_counts() {
        let seen = |head: &str, counts: &[u64], examples| {
            let mut spec = TaskSpec::new(
                TaskName::new("x").unwrap(),
                head.parse().unwrap(),
                ["a", "b"],
            );
            spec.label_counts = counts.to_vec();
            spec.train_examples = examples;
            seen_in_training(&spec)
        };
        assert_eq!(
            seen("classification", &[1, 2], 3),
            [0, 1, 1].map(Target::Class)
        );
        assert_eq!(
            seen("token-classification", &[2, 1], 1),
            [Target::Tags(vec![0, 0, 1])]
        );
        assert_eq!(
            seen("multi-label", &[1, 2], 3),
            [vec![0, 1], vec![1], vec![]].map(Target::MultiLabel)
        );
        assert_eq!(
            seen("regression", &[], 3),
            [Target::Numbers(vec![0.0, 0.0])]
        );
    }
}
