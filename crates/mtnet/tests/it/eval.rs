//! Training a little, and scoring what came of it.

use std::fs;

use serde_json::Value;

use crate::workplace::{Workplace, model};

#[test]
fn a_run_ends_with_its_scores_and_the_next_command() {
    let workplace = Workplace::new();
    let text = workplace.mtnet(&["train", "run.toml"]).ok();
    let header = text.lines().next().unwrap();
    for column in ["task", "metric", "test", "dev", "majority"] {
        assert!(header.contains(column), "{text}");
    }
    assert!(
        text.contains("| intent | accuracy  |") && text.contains("| slots  | entity_f1 |"),
        "{text}"
    );
    assert!(
        text.contains("4 steps in ") && text.contains(" tokens/s"),
        "{text}"
    );
    assert!(text.contains("mtnet predict runs/tiny/model \""), "{text}");

    // The copy in the run folder means the same from there.
    let copy = fs::read_to_string(workplace.path("runs/tiny/run.toml")).unwrap();
    assert!(
        copy.contains(&format!("{}", workplace.path("train.jsonl").display())),
        "{copy}"
    );
    let again = workplace
        .mtnet(&["train", "run.toml", "--output", "runs/tiny"])
        .refused(2);
    assert!(again.contains("--resume runs/tiny"), "{again}");
    let resumed = workplace.mtnet(&["train", "--resume", "runs/tiny"]).ok();
    let scores = |text: &str| {
        text.lines()
            .take_while(|line| line.starts_with('|'))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(scores(&resumed), scores(&text));
    let other = workplace
        .mtnet(&["train", "--resume", "runs/tiny", "run.seed=7"])
        .refused(2);
    assert!(
        other.contains("does not belong to this run file"),
        "{other}"
    );
    let nothing = workplace
        .mtnet(&["train", "run.toml", "--resume", "empty"])
        .refused(2);
    assert!(nothing.contains("no valid checkpoint"), "{nothing}");
}

#[test]
fn progress_and_results_can_be_read_by_a_program() {
    let workplace = Workplace::new();
    let outcome = workplace.mtnet(&["train", "run.toml", "--log-format", "json"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let events: Vec<Value> = outcome
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert!(
        count("stage") > 1 && count("step") > 0 && count("evaluation") > 0,
        "{}",
        outcome.stderr
    );
    let results: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(results["results"]["steps"], 4);
    assert!(results["results"]["test"]["intent"]["accuracy"].is_number());
}

#[test]
fn a_model_is_scored_on_the_data_of_a_run_file() {
    let workplace = Workplace::new();
    let model = model().display().to_string();
    let table = workplace
        .mtnet(&["eval", &model, "--data", "run.toml"])
        .ok();
    assert!(
        table.lines().next().unwrap().contains("majority"),
        "{table}"
    );
    assert!(table.contains("| intent | accuracy  |"), "{table}");
    let scores = workplace
        .mtnet(&[
            "eval", &model, "--data", "run.toml", "--json", "--split", "dev",
        ])
        .ok();
    let scores: Value = serde_json::from_str(&scores).unwrap();
    assert_eq!(scores["main_metric"]["slots"], "entity_f1");
    assert!(scores["metrics"]["intent"]["loss"].is_number());
    // The test scores of the run itself are the same.
    let results: Value =
        serde_json::from_slice(&fs::read(model_folder(&model).join("../results.json")).unwrap())
            .unwrap();
    let test = workplace
        .mtnet(&["eval", &model, "--data", "run.toml", "--json"])
        .ok();
    let test: Value = serde_json::from_str(&test).unwrap();
    assert_eq!(
        test["metrics"]["intent"]["accuracy"],
        results["test"]["intent"]["accuracy"]
    );
}

fn model_folder(path: &str) -> std::path::PathBuf {
    path.into()
}

#[test]
fn an_evaluation_without_anything_to_score_says_so() {
    let workplace = Workplace::new();
    let model = model().display().to_string();
    let eval = |workplace: &Workplace, code| {
        workplace
            .mtnet(&["eval", &model, "--data", "run.toml"])
            .refused(code)
    };
    workplace.change_run("test = \"test.jsonl\"\n", "");
    assert!(eval(&workplace, 2).contains("no data set has a test split"));
    workplace.change_run("", "");
    workplace.write("test.jsonl", "{\"tokens\": [\"play\"]}\n");
    assert!(eval(&workplace, 3).contains("no example of the test data has a label"));
    workplace.write(
        "test.jsonl",
        "{\"tokens\": [\"play\"], \"intent\": \"dance\"}\n",
    );
    let message = eval(&workplace, 3);
    assert!(
        message.contains("test.jsonl:1") && message.contains("dance"),
        "{message}"
    );
    let names = fs::read_to_string(workplace.path("run.toml")).unwrap();
    workplace.write(
        "run.toml",
        names
            .replace("\"intent\"\ndataset", "\"intents\"\ndataset")
            .replace("\"slots\"\ndataset", "\"tags\"\ndataset"),
    );
    assert!(
        eval(&workplace, 2)
            .contains("none of its tasks (intents, tags) is in the model, which has intent, slots")
    );
}
