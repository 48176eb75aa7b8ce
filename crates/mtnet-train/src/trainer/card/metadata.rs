//! The head of a card, in YAML. Text is written in double quotes with JSON's escapes, which YAML
//! reads alike.

use std::fmt::Write as _;

use mtnet_core::Split;
use mtnet_heads::{HeadConfig, TaskSpec};
use serde_json::json;

use super::CardSource;

/// Between two lines of `---`.
pub(super) fn head(source: &CardSource) -> String {
    let run = &source.run.config.run;
    let mut lines = String::from("---\n");
    let mut line = |text: String| {
        lines.push_str(&text);
        lines.push('\n');
    };
    if let Some(license) = &run.license {
        line(format!("license: {}", json!(license)));
    }
    if let Some(languages) = &run.language {
        line("language:".to_owned());
        for language in languages.as_slice() {
            line(format!("- {}", json!(language)));
        }
    }
    if let Some(base) = base_model(source) {
        line(format!("base_model: {}", json!(base)));
    }
    line("library_name: mt-net".to_owned());
    let tasks = source.folder.model.tasks();
    if let Some(first) = tasks.first() {
        line(format!("pipeline_tag: {}", pipeline(&first.spec)));
    }
    line("tags:\n- mt-net\n- multi-task".to_owned());
    for tag in [
        "text-classification",
        "token-classification",
        "question-answering",
    ] {
        if tasks.iter().any(|task| pipeline(&task.spec) == tag) {
            line(format!("- {tag}"));
        }
    }
    let mut metrics: Vec<&String> = source.results.main_metric.values().collect();
    metrics.sort();
    metrics.dedup();
    if !metrics.is_empty() {
        line("metrics:".to_owned());
        for metric in metrics {
            line(format!("- {}", json!(metric)));
        }
    }
    lines.push_str(&index(source));
    lines.push_str("---\n");
    lines
}

/// `model-index`: the scores of each task on its test data, on dev where there is no other.
fn index(source: &CardSource) -> String {
    let mut lines = String::new();
    for task in source.folder.model.tasks() {
        let name = &task.spec.name;
        let results = source.results;
        let (split, score) = match results.main_score(&results.test, name) {
            Some(score) => (Split::Test, Some(score)),
            None => (Split::Dev, results.main_score(&results.dev, name)),
        };
        let (Some(score), Some(metric)) = (score, results.main_metric.get(name)) else {
            continue;
        };
        let data = datasets(source, name.as_str()).join(", ");
        // Writing to a string cannot fail.
        let _ = write!(
            lines,
            "  - task:\n      type: {pipeline}\n      name: {name}\n    dataset:\n      type: {data}\n      \
             name: {data}\n      split: {split}\n    metrics:\n    - type: {metric}\n      \
             name: {metric}\n      value: {score:.4}\n",
            pipeline = pipeline(&task.spec),
            name = json!(name),
            data = json!(data),
            split = split.as_str(),
            metric = json!(metric),
        );
    }
    match lines.is_empty() {
        true => lines,
        false => format!(
            "model-index:\n- name: {}\n  results:\n{lines}",
            json!(source.run.config.run.name)
        ),
    }
}

/// Names of the data sets that a task learns from.
pub(super) fn datasets(source: &CardSource, task: &str) -> Vec<String> {
    let tasks = &source.run.config.task;
    let task = tasks.iter().find(|config| config.name.as_str() == task);
    task.map_or_else(Vec::new, |config| {
        let names = config.dataset.as_slice();
        names.iter().map(ToString::to_string).collect()
    })
}

/// The hub name of a published encoder; a folder of somebody's machine says nothing to others.
fn base_model<'a>(source: &CardSource<'a>) -> Option<&'a str> {
    let from = source.run.config.encoder.from.as_deref()?;
    let (name, _) = from.split_once('@').unwrap_or((from, ""));
    let (owner, model) = name.split_once('/')?;
    let plain =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', ':']);
    (plain(owner) && plain(model) && !source.run.base.join(from).is_dir()).then_some(name)
}

/// What the hub calls tasks of that kind.
fn pipeline(spec: &TaskSpec) -> &'static str {
    match spec.head {
        HeadConfig::TokenClassification(_) => "token-classification",
        HeadConfig::QuestionAnswering(_) => "question-answering",
        _ => "text-classification",
    }
}
