//! Tables that cannot be searched, found before anything is trained.

use mtnet_tune::{Problems, TuneError, Values};

use crate::workplace::{TUNE, Workplace};

fn problems(space: &str, overrides: &[&str]) -> Problems {
    let workplace = Workplace::new(&format!("\n[tune.space]\n{space}\n"));
    match workplace.search(overrides) {
        Err(TuneError::Problems(problems)) => problems,
        other => panic!("{space}: {other:?}"),
    }
}

#[test]
fn every_bad_dimension_is_named_with_what_is_wrong() {
    for (space, expected) in [
        (
            r#""train.learning_rat" = { low = 1.0, high = 2.0 }"#,
            "unknown key `train.learning_rat`, did you mean `learning_rate`?",
        ),
        (
            r#""tran.epochs" = { low = 1, high = 2 }"#,
            "unknown key `tran`, did you mean `train`?",
        ),
        (
            r#""task.intnt.head" = { choices = ["classification", "x"] }"#,
            "no `[[task]]` named `intnt`; did you mean `intent`?",
        ),
        (
            r#""train.learning_rate" = { choices = ["fast", 0.1] }"#,
            "`train.learning_rate` is \"fast\", expected a number",
        ),
        (
            r#""train.batch_tokens" = { low = 64.5, high = 128.0 }"#,
            "`train.batch_tokens` is 64.5, expected a whole number",
        ),
        (
            r#""train.learning_rate" = { low = 0.1, high = 0.01 }"#,
            "the range is empty: `low` is 0.1, `high` is 0.01",
        ),
        (
            r#""train.weight_decay" = { low = 0.0, high = 0.1, log = true }"#,
            "`low` is 0, expected above 0 with `log = true`",
        ),
        (
            r#""encoder.hidden_dropout" = { low = 0.1, high = 1.5 }"#,
            "1.5",
        ),
        (
            r#""encoder.preset" = { choices = ["mt-net-window", "mt-net-huge"] }"#,
            "\"mt-net-huge\"",
        ),
        (
            r#""encoder.hidden_size" = { choices = [8] }"#,
            "has 1, expected at least 2",
        ),
        (
            r#""encoder.hidden_size" = { choices = [8, 8] }"#,
            "the choice 8 is given twice",
        ),
        (
            r#""encoder.hidden_size" = { choices = [8, 16], low = 8 }"#,
            "both a range and `choices`",
        ),
        (
            r#""encoder.hidden_size" = { low = 8 }"#,
            "`high` is missing",
        ),
        (
            r#""encoder.hidden_size" = { low = 8, high = 16, step = 9 }"#,
            "`step` is 9",
        ),
        (
            r#""encoder.hidden_size" = { choices = [8, 16], log = true }"#,
            "no effect with `choices`",
        ),
        (
            r#""run.seed" = { low = 1, high = 5 }"#,
            "not a setting to search",
        ),
        (
            r#""dataset.requests.dev" = { choices = ["dev.jsonl", "test.jsonl"] }"#,
            "cannot be compared",
        ),
        (
            r#""encoder.word_vectors" = { choices = ["none.txt", "nil.txt"] }"#,
            "there is no file",
        ),
        (
            r#""train.eval_strategy" = { choices = ["epoch", "no"] }"#,
            "nothing is scored",
        ),
        ("", "there is nothing to try"),
    ] {
        let found = problems(space, &[]).to_string();
        assert!(found.contains(expected), "{space}:\n{found}");
        // Where it stands, with the line.
        assert!(
            found.contains("run.toml:3") && found.contains(" | "),
            "{found}"
        );
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let space = r#"
"train.learning_rat" = { choices = [1.0, 2.0] }
"encoder.hidden_size" = { low = 9, high = 8 }
"train.lr_scheduler_type" = { choices = ["linear", "cosin", "constnt"] }
[tune]
trials = 0
objective = "intnt"
budget = "soon"
halving = { rungs = 3, reduction = 3 }
"#;
    let workplace = Workplace::new(&format!("\n[tune.space]\n{space}\n"));
    let Err(TuneError::Problems(problems)) = workplace.search(&[]) else {
        panic!("a search");
    };
    let all = problems.to_string();
    for part in [
        "did you mean `learning_rate`?",
        "the range is empty",
        "did you mean `cosine`?",
        "did you mean `constant`?",
        "0 trials",
        "did you mean `intent`?",
        "`soon`, expected a time",
        "need about 9 epochs",
    ] {
        assert!(all.contains(part), "{part} in:\n{all}");
    }
    // An unknown setting is unknown once, however many choices it has.
    assert_eq!(all.matches("learning_rat`").count(), 1, "{all}");
    assert_eq!(problems.0.len(), 8, "{all}");
}

#[test]
fn mistakes_of_the_table_itself_are_those_of_a_run_file() {
    let workplace = Workplace::new("\n[tune.space]\n\"train.epochs\" = { low = 1, hihg = 2 }\n");
    let message = workplace.search(&[]).unwrap_err().to_string();
    assert!(
        message.contains("hihg") && message.contains("did you mean `high`?"),
        "{message}"
    );
    let none = Workplace::new("").search(&[]).unwrap_err().to_string();
    assert!(
        none.contains("there is no table `[tune]`") && none.contains("[tune.space]"),
        "{none}"
    );
    let message = Workplace::new(TUNE).search(&["train.epoch=1"]).unwrap_err();
    assert!(matches!(message, TuneError::RunFile(_)), "{message}");
    let found = problems(
        r#""train.epochs" = { low = 1, high = 2 }"#,
        &["tune.halving.rungs=2", "train.epochs=9"],
    );
    assert!(
        found.to_string().contains("`[tune.halving]` decides"),
        "{found}"
    );
}

#[test]
fn a_range_is_of_the_numbers_that_its_setting_takes() {
    let space = r#"
"train.weight_decay" = { low = 0, high = 1 }
"train.batch_tokens" = { low = 64, high = 128 }
"encoder.hidden_size" = { low = 8, high = 32, step = 8 }
"train.epochs" = { low = 1, high = 4, step = 1 }
"#;
    let workplace = Workplace::new(&format!("\n[tune.space]\n{space}\n"));
    let search = workplace.search(&[]).unwrap();
    let found: Vec<(&str, bool, Option<f64>)> = search
        .space
        .dimensions
        .iter()
        .map(|dimension| match &dimension.values {
            Values::Range(range) => (dimension.name.as_str(), range.whole, range.step),
            Values::Choices(_) => panic!("{dimension:?}"),
        })
        .collect();
    let expected = [
        ("encoder.hidden_size", true, Some(8.0)),
        ("train.batch_tokens", true, Some(1.0)),
        ("train.epochs", false, Some(1.0)),
        ("train.weight_decay", false, None),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_example_of_the_documentation_is_a_search() {
    let page = include_str!("../../../../docs/tune.md");
    let start = page.find("[tune]").expect("an example");
    let example = &page[start..start + page[start..].find("```").expect("its end")];
    let workplace = Workplace::new(&format!("\n{example}"));
    let search = workplace.search(&["train.epochs=9"]).expect("a search");
    assert_eq!((search.trials, search.rungs.count()), (27, 3));
    assert!(search.space.dimensions.len() >= 4);
}
