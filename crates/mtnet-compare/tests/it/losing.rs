//! A run in which a task loses by sharing, for advice to be asked for.

use std::fs;

use mtnet_compare::{Advice, CompareOptions, CompareReport};

use crate::workplace::Workplace;

/// A run in which a task loses for sure: `hard` and `easy` want opposite answers of one encoder
/// that is too small for both, and the loss of `hard` hardly counts.
pub fn losing() -> Workplace {
    let workplace = Workplace::new();
    let mut lines = String::new();
    for number in 0..48 {
        let word = ["sun", "rain", "snow", "wind"][number % 4];
        let (hard, easy) = (["up", "down"][number / 2 % 2], ["a", "b"][number % 2]);
        lines += &format!(
            "{{\"text\": \"{word} {word}\", \"hard\": \"{hard}\", \"easy\": \"{easy}\"}}\n"
        );
    }
    fs::write(workplace.path("weather.jsonl"), lines).expect("a file");
    let run = fs::read_to_string(workplace.path("run.toml")).expect("a run file");
    let encoder = &run[..run.find("[[dataset]]").expect("data sets")];
    let tasks = r#"
[balance]
method = "fixed"
weights = { hard = 0.0001, easy = 1.0, price = 1.0 }

[[dataset]]
name = "weather"
format = "jsonl"
train = "weather.jsonl"
dev = "weather.jsonl"
test = "weather.jsonl"

[[dataset]]
name = "prices"
format = "jsonl"
train = "prices.jsonl"
dev = "prices.jsonl"

[[task]]
name = "hard"
dataset = "weather"
head = "classification"
label = "hard"

[[task]]
name = "easy"
dataset = "weather"
head = "classification"
label = "easy"

[[task]]
name = "price"
dataset = "prices"
head = "regression"
label = "price"
"#;
    let run =
        format!("{encoder}{tasks}").replace("epochs = 3", "epochs = 6\ngradient_stats_steps = 1");
    fs::write(workplace.path("run.toml"), run).expect("a file");
    workplace
}

pub fn options(workplace: &Workplace) -> CompareOptions {
    CompareOptions {
        classical: false,
        window: false,
        advise: true,
        ..workplace.options("out")
    }
}

pub fn advice(report: &CompareReport) -> &Advice {
    report.advice.as_ref().expect("advice")
}
