//! The text of a card.

use std::fmt::Write as _;

use mtnet_core::Split;
use mtnet_metrics::ProbabilityScores;
use mtnet_model::Task;

use super::CardSource;
use super::interval::wilson;
use super::metadata::datasets;
use crate::trainer::SplitMetrics;

/// Labels of a task that are named in full.
const LABELS_SHOWN: usize = 40;

/// Everything below the head.
pub(super) fn body(source: &CardSource) -> String {
    let sections = [
        introduction(source),
        scores(source),
        calibration(source),
        labels(source),
        data(source),
        training(source),
        usage(source),
        limits(source),
    ];
    sections.join("\n")
}

fn introduction(source: &CardSource) -> String {
    let tasks = source.folder.model.tasks().len();
    format!(
        "# {name}\n\nOne shared encoder with {tasks} task {heads}, trained together with MT-Net: a text \
         is read once and every task answers. Up to {length} tokens a text.\n",
        name = source.run.config.run.name,
        heads = if tasks == 1 { "head" } else { "heads" },
        length = source.folder.max_length,
    )
}

fn scores(source: &CardSource) -> String {
    let mut text = String::from(
        "## Tasks and scores\n\n\
         | task | head | labels | metric | test | 95 % interval | texts | dev | majority |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for task in source.folder.model.tasks() {
        let name = &task.spec.name;
        let results = source.results;
        let metric = results.main_metric.get(name).map_or("", String::as_str);
        let count = source.count(Split::Test, name);
        let interval = results
            .main_score(&results.test, name)
            .filter(|_| metric == "accuracy" && is_one_a_text(task))
            .and_then(|score| wilson(score, count))
            .map_or_else(dash, |(low, high)| format!("{low:.3} to {high:.3}"));
        let score = |split: &SplitMetrics| {
            let score = results.main_score(split, name);
            score.map_or_else(dash, |score| format!("{score:.4}"))
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {kind} | {labels} | {metric} | {test} | {interval} | {count} | {dev} | {majority} |",
            kind = task.spec.head.kind(),
            labels = task.spec.labels.len(),
            test = score(&results.test),
            dev = score(&results.dev),
            majority = score(&results.majority),
        );
    }
    text.push_str(
        "\nWeights were selected on dev and scored on test once. `majority` is what the commonest answer \
         of the training data scores. Intervals are Wilson's, where every text is one right or wrong \
         answer.\n",
    );
    text
}

/// Whether a task is right or wrong once a text, as the interval takes for granted.
fn is_one_a_text(task: &Task) -> bool {
    matches!(task.spec.head, mtnet_heads::HeadConfig::Classification(_))
}

/// How far probabilities can be trusted; nothing where no task is calibrated.
fn calibration(source: &CardSource) -> String {
    let found = &source.results.calibration;
    if found.is_empty() {
        return "Probabilities are those of the bare scores: no temperature was fitted.\n"
            .to_owned();
    }
    let mut text = String::from(
        "## Calibration\n\n\
         Probabilities are calibrated: scores are divided by a temperature that was fitted on dev; labels \
         do not depend on it. Expected calibration error in ten bins, without and with it:\n\n\
         | task | temperature | dev | calibrated | test | calibrated |\n\
         |---|---|---|---|---|---|\n",
    );
    for (name, found) in found {
        let error = |scores: ProbabilityScores| format!("{:.4}", scores.expected_calibration_error);
        let (before, after) = match found.test {
            Some(test) => (error(test.before), error(test.after)),
            None => (dash(), dash()),
        };
        let _ = writeln!(
            text,
            "| {name} | {:.3} | {} | {} | {before} | {after} |",
            found.temperature,
            error(found.dev.before),
            error(found.dev.after),
        );
    }
    text
}

fn labels(source: &CardSource) -> String {
    let mut text = String::from("## Labels\n\n");
    for task in source.folder.model.tasks() {
        let labels = &task.spec.labels;
        let mut names: Vec<String> = labels
            .iter()
            .take(LABELS_SHOWN)
            .map(|label| format!("`{label}`"))
            .collect();
        if labels.len() > LABELS_SHOWN {
            names.push(format!("{} more", labels.len() - LABELS_SHOWN));
        }
        let _ = writeln!(text, "- **{}**: {}", task.spec.name, names.join(", "));
    }
    text
}

fn data(source: &CardSource) -> String {
    let mut text = String::from("## Data\n\n| data set | format | licence |\n|---|---|---|\n");
    for dataset in &source.run.config.dataset {
        let license = dataset.license.as_deref().unwrap_or("not stated");
        let format = dataset.format.as_str();
        let _ = writeln!(text, "| {} | {format} | {license} |", dataset.name);
    }
    text.push_str("\n| task | data sets | texts to train | dev | test |\n|---|---|---|---|---|\n");
    for task in source.folder.model.tasks() {
        let name = &task.spec.name;
        let [train, dev, test] = Split::ALL.map(|split| source.count(split, name));
        let data = datasets(source, name.as_str()).join(", ");
        let _ = writeln!(text, "| {name} | {data} | {train} | {dev} | {test} |");
    }
    text
}

fn training(source: &CardSource) -> String {
    let (config, results) = (&source.run.config, source.results);
    let encoder = match (&config.encoder.from, config.encoder.preset) {
        (None, Some(preset)) => format!("`{}`, from scratch", preset.as_str()),
        _ => format!("`{}`, published", model_type(source)),
    };
    format!(
        "## Training\n\nEncoder {encoder}; {parameters} numbers trained; seed {seed}; {steps} steps, weights of \
         step {best}. The run's `run.toml` beside this folder holds every setting.\n",
        parameters = results.trained_parameters,
        seed = config.run.seed,
        steps = results.steps,
        best = results.best_step,
    )
}

fn model_type(source: &CardSource) -> String {
    let config = source.folder.model.encoder().config_json();
    config["model_type"].as_str().unwrap_or_default().to_owned()
}

fn usage(source: &CardSource) -> String {
    let task = source.folder.model.tasks().first();
    let task = task.map_or("TASK", |task| task.spec.name.as_str());
    format!(
        "## Use\n\nOn the command line:\n\n\
         ```sh\nmtnet predict this-folder \"some text\"\n```\n\n\
         In Rust:\n\n\
         ```rust,ignore\nuse mtnet::prelude::*;\n\n\
         let predictor = Predictor::open(\"this-folder\".as_ref(), &Device::Cpu)?;\n\
         let answers = predictor.predict(&[PredictInput::text(\"some text\")], &[])?;\n```\n\n\
         Over HTTP:\n\n\
         ```sh\nmtnet serve this-folder &\n\
         curl localhost:3000/predict -H 'content-type: application/json' -d '{{\"inputs\": \"some text\"}}'\n```\n\n\
         For other programs: `mtnet export this-folder --format onnx --output onnx` writes one ONNX graph \
         with all tasks, and `--format hf --task {task} --output hf` a folder for transformers where it has \
         a class for this encoder.\n"
    )
}

fn limits(source: &CardSource) -> String {
    let languages = match &source.run.config.run.language {
        Some(languages) => format!("texts in {}", languages.as_slice().join(", ")),
        None => "the languages of its data".to_owned(),
    };
    let license = match &source.run.config.run.license {
        Some(license) => format!("Licence of the weights: {license}."),
        None => {
            "No licence was stated for the weights; those of data and encoder apply.".to_owned()
        }
    };
    format!(
        "## Limits and licence\n\nThe model knows {languages} and the labels above, nothing else: a text of \
         another kind gets one of them too. {license}\n"
    )
}

fn dash() -> String {
    "–".to_owned()
}
