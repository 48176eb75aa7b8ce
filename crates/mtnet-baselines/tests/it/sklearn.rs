//! Features and linear models against scikit-learn on the same texts.

use std::sync::LazyLock;

use mtnet_baselines::{
    Analyzer, LinearModel, LinearOptions, Link, SparseRows, TfIdf, TfIdfOptions,
};
use serde_json::Value;

static FILE: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../fixtures/sklearn.json")).expect("fixture is JSON")
});

fn read<T: serde_json::value::Index>(name: T) -> &'static Value {
    &FILE[name]
}

fn texts() -> Vec<String> {
    serde_json::from_value(read("texts").clone()).expect("texts")
}

fn table(name: &str) -> Vec<Vec<f32>> {
    serde_json::from_value(read(name).clone()).expect("a table")
}

const WORDS: TfIdfOptions = TfIdfOptions {
    analyzer: Analyzer::Words { longest: 2 },
    min_documents: 1,
    max_terms: usize::MAX,
};

fn rows(options: TfIdfOptions) -> (TfIdf, SparseRows) {
    let texts = texts();
    let vectors = TfIdf::fit(texts.iter().map(String::as_str), options).expect("terms");
    let rows = vectors.rows(texts.iter().map(String::as_str));
    (vectors, rows)
}

#[test]
fn rows_are_scikit_learns() {
    let characters = TfIdfOptions {
        analyzer: Analyzer::Characters {
            shortest: 2,
            longest: 4,
        },
        ..WORDS
    };
    for (name, options) in [("words", WORDS), ("characters", characters)] {
        let (vectors, rows) = rows(options);
        let expected = read(name);
        assert_eq!(
            vectors.width(),
            expected["terms"].as_array().expect("terms").len(),
            "{name}"
        );
        for (number, row) in expected["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .enumerate()
        {
            let expected: Vec<(u32, f32)> = serde_json::from_value(row.clone()).expect("a row");
            let found: Vec<(u32, f32)> = rows.row(number).collect();
            assert_eq!(found.len(), expected.len(), "{name}, row {number}");
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.0, expected.0, "{name}, row {number}");
                assert!((found.1 - expected.1).abs() < 1e-6, "{name}, row {number}");
            }
        }
    }
}

#[track_caller]
fn check(link: Link, columns: usize, targets: &[f32], penalty: f64, expected: &[Vec<f32>]) {
    let (_, rows) = rows(WORDS);
    let options = LinearOptions {
        tolerance: 1e-9,
        max_steps: 5000,
        ..LinearOptions::new(penalty)
    };
    let model = LinearModel::fit(link, columns, &rows, targets, options, None);
    for (found, expected) in model.predict(&rows).iter().zip(expected) {
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-3,
                "{found}, expected {expected}"
            );
        }
    }
}

#[test]
fn logistic_regression_is_scikit_learns() {
    let mut targets = vec![0.0; 30];
    for (row, class) in read("classes")
        .as_array()
        .expect("classes")
        .iter()
        .enumerate()
    {
        targets[row * 3 + class.as_u64().expect("a class") as usize] = 1.0;
    }
    check(Link::Softmax, 3, &targets, 0.1, &table("softmax"));
}

#[test]
fn one_versus_rest_is_scikit_learns() {
    let targets = table("labels").concat();
    check(Link::Sigmoid, 2, &targets, 0.5, &table("sigmoid"));
}

#[test]
fn ridge_regression_is_scikit_learns() {
    let numbers =
        |name: &str| -> Vec<f32> { serde_json::from_value(read(name).clone()).expect("numbers") };
    let expected: Vec<Vec<f32>> = numbers("identity")
        .into_iter()
        .map(|number| vec![number])
        .collect();
    check(Link::Identity, 1, &numbers("numbers"), 0.5, &expected);
}

#[test]
fn the_commonest_terms_are_kept() {
    let options = TfIdfOptions {
        max_terms: 2,
        ..WORDS
    };
    let (vectors, _) = rows(options);
    assert_eq!(vectors.width(), 2);
    // `song` is there four times, `in` three; both once a text or more often.
    assert_eq!(vectors.row("song").len() + vectors.row("in").len(), 2);
}
