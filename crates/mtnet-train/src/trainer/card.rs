//! The model card that a model folder carries: `README.md` with a metadata head.

use std::fmt::Write;

use mtnet_core::TaskName;
use mtnet_model::ModelFolder;

use super::RunResults;
use crate::run_file::RunFile;

/// A card in the layout of the Hugging Face hub: what the model answers, from which data, how well.
pub fn model_card(run: &RunFile, folder: &ModelFolder, results: &RunResults) -> String {
    let mut card = String::new();
    let name = &run.config.run.name;
    // Writing to a string cannot fail.
    let _ = writeln!(
        card,
        "---\nlibrary_name: mt-net\ntags:\n- multi-task\n- mt-net\n---\n\n# {name}\n"
    );
    let _ = writeln!(
        card,
        "One shared encoder with {} task heads, trained together with MT-Net (seed {}, {} steps, weights of step {}).\n",
        folder.model.tasks().len(),
        run.config.run.seed,
        results.steps,
        results.best_step,
    );
    let _ = writeln!(
        card,
        "| task | head | labels | metric | dev | test | majority |"
    );
    let _ = writeln!(card, "|---|---|---|---|---|---|---|");
    for task in folder.model.tasks() {
        let spec = &task.spec;
        let metric = results
            .main_metric
            .get(&spec.name)
            .map_or("", String::as_str);
        let _ = writeln!(
            card,
            "| {} | {} | {} | {metric} | {} | {} | {} |",
            spec.name,
            spec.head.kind(),
            spec.labels.len(),
            score(results, &results.dev, &spec.name),
            score(results, &results.test, &spec.name),
            score(results, &results.majority, &spec.name),
        );
    }
    let _ = writeln!(card, "\n## Data\n");
    for dataset in &run.config.dataset {
        let _ = writeln!(card, "- {} ({})", dataset.name, dataset.format.as_str());
    }
    let _ = writeln!(
        card,
        "\n## Use\n\n```sh\nmtnet predict <this folder> \"some text\"\n```\n"
    );
    let _ = writeln!(
        card,
        "```rust,ignore\nlet predictor = mtnet::model::Predictor::open(folder, &Device::Cpu)?;"
    );
    let _ = writeln!(
        card,
        "let answers = predictor.predict(&[PredictInput::text(\"some text\")], &[])?;\n```"
    );
    card
}

fn score(results: &RunResults, split: &super::SplitMetrics, task: &TaskName) -> String {
    results
        .main_score(split, task)
        .map_or_else(|| "–".to_owned(), |score| format!("{score:.4}"))
}
