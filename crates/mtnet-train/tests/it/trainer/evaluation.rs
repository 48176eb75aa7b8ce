//! Scores and samplers of real runs.

use mtnet_core::{Split, TaskName};
use mtnet_heads::HeadRegistry;
use mtnet_model::ModelFolder;
use mtnet_train::trainer::{Prepared, Quiet, evaluate, read_corpus};

use super::Bench;

#[test]
fn a_saved_model_scores_what_its_run_reported() {
    let bench = Bench::new();
    let results = bench.train("run", &["train.max_steps=20"]).unwrap();
    let registry = HeadRegistry::default();
    let folder =
        ModelFolder::open(&results.model_folder, &registry, &candle_core::Device::Cpu).unwrap();
    let corpus = read_corpus(&bench.load(&[]), Split::Test, &folder, &registry).unwrap();
    for batch_tokens in [16, 4096] {
        let scores = evaluate(&folder.model, &corpus, batch_tokens).unwrap();
        for (task, metrics) in &results.test {
            for (name, value) in metrics {
                let again = scores[task][name];
                assert!(
                    (value - again).abs() < 1e-5,
                    "{task} {name}: {value} and {again}"
                );
            }
        }
    }
}

#[test]
fn long_tagged_texts_are_windowed_and_scored_whole() {
    let bench = Bench::new();
    // Five words in windows of at most three tokens of text.
    let prepared = Prepared::new(
        &bench.load(&["encoder.max_length=5"]),
        &HeadRegistry::default(),
        &mut Quiet,
    )
    .unwrap();
    let corpus = prepared.corpus(Split::Test);
    assert!(corpus.texts().iter().all(|text| text.windows.len() > 1));
    let scores = evaluate(&prepared.folder.model, corpus, 64).unwrap();
    // An answer with fewer or more tags than words would be an error.
    assert!(scores[&TaskName::new("slots").unwrap()]["token_accuracy"].is_finite());
}
