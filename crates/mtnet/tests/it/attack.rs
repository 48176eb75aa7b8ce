//! Attacking a model from the command line.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::workplace::{Workplace, model};

fn attack(workplace: &Workplace, more: &[&str]) -> crate::workplace::Outcome {
    let model = model().display().to_string();
    let args = ["attack", &model, "--data", "run.toml"];
    workplace.mtnet(&[&args, more].concat())
}

#[test]
fn an_attack_ends_with_its_table_and_writes_every_example() {
    let workplace = Workplace::new();
    let table = attack(&workplace, &["--output", "results.jsonl", "--cross-task"]).ok();
    for column in [
        "successful",
        "failed",
        "skipped",
        "under attack",
        "95 %",
        "queries",
    ] {
        assert!(table.lines().next().unwrap().contains(column), "{table}");
    }
    assert!(
        table.contains("| intent | deepwordbug |") && table.contains("| slots  | deepwordbug |"),
        "{table}"
    );
    assert!(
        table.contains("deepwordbug: each word once, no function words, at most 30 edits"),
        "{table}"
    );
    let results = fs::read_to_string(workplace.path("results.jsonl")).unwrap();
    let lines: Vec<Value> = results
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // Four examples of two tasks.
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[0]["clean_text"], "play Adele");
    assert!(lines.iter().all(|line| line["queries"].as_u64() >= Some(1)));
    assert!(!workplace.path("results.jsonl.tmp").exists());
}

#[test]
fn budgets_examples_and_tables_can_be_chosen() {
    let workplace = Workplace::new();
    workplace.write("synonyms.tsv", "play\thear\tstart\nbook\treserve\n");
    let more = [
        "--task",
        "intent",
        "--recipe",
        "synonyms",
        "--synonyms",
        "synonyms.tsv",
        "--recipe",
        "hotflip",
        "--examples",
        "3",
        "--max-queries",
        "5",
        "--json",
    ];
    let json = attack(&workplace, &more).ok();
    let json: Value = serde_json::from_str(&json).unwrap();
    let attacks = json["attacks"].as_array().unwrap();
    assert_eq!(attacks.len(), 2);
    for attack in attacks {
        assert_eq!(attack["config"]["max_queries"], 5);
        assert_eq!(attack["summary"]["examples"], 3);
        assert!(
            attack["summary"]["queries"]
                .as_f64()
                .is_none_or(|mean| mean <= 5.0)
        );
    }
    assert_eq!(
        attacks[0]["config"]["transformations"][0]["type"],
        "synonyms"
    );
}

#[test]
fn a_recipe_can_be_a_file_and_all_passes_over_what_does_not_fit() {
    let workplace = Workplace::new();
    workplace.write(
        "mine.toml",
        "name = \"mine\"\nsearch = { type = \"beam\", width = 2 }\n[constraints]\nmax_words = 1\n\
         [[transformations]]\ntype = \"characters\"\nedits = [\"swap\"]\n",
    );
    let table = attack(&workplace, &["--recipe", "mine.toml"]).ok();
    assert!(table.contains("mine: at most 1 words"), "{table}");

    let all = attack(&workplace, &["--recipe", "all", "--examples", "0"]);
    assert_eq!(all.code, 0, "{}", all.stderr);
    assert!(
        all.stdout.contains("| intent | input-reduction "),
        "{}",
        all.stdout
    );
    assert!(
        !all.stdout.contains("| slots  | input-reduction "),
        "{}",
        all.stdout
    );
    assert!(
        all.stderr.contains("left out: task `slots`")
            || all
                .stderr
                .contains("left out: recipe `input-reduction` on task `slots`"),
        "{}",
        all.stderr
    );
}

#[test]
fn threads_change_no_byte() {
    let workplace = Workplace::new();
    let run = |threads: &str, output: &str| {
        let status = Command::new(env!("CARGO_BIN_EXE_mtnet"))
            .args([
                "attack",
                &model().display().to_string(),
                "--data",
                "run.toml",
            ])
            .args(["--recipe", "all", "--output", output, "--json"])
            .current_dir(workplace.path(""))
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(status.status.success());
        (status.stdout, fs::read(workplace.path(output)).unwrap())
    };
    let first = run("1", "one.jsonl");
    assert_eq!(run("2", "two.jsonl"), first);
    assert_eq!(run("3", "three.jsonl"), first);
}

#[test]
fn what_cannot_be_attacked_says_why() {
    let workplace = Workplace::new();
    for (more, code, expected) in [
        (
            &["--recipe", "deepwordbag"][..],
            2,
            "did you mean `deepwordbug`?",
        ),
        (&["--recipe", "synonyms"], 2, "--synonyms FILE"),
        (
            &["--recipe", "none.toml"],
            2,
            "cannot read recipe none.toml",
        ),
        (&["--recipe", "run.toml"], 2, "run.toml is no recipe"),
        (
            &["--synonyms", "none.tsv"],
            2,
            "cannot read synonyms none.tsv",
        ),
        (&["--synonyms", "run.toml"], 3, "line 1: found no tab"),
        (&["--task", "mood"], 2, "no task `mood`"),
        (
            &["--task", "slots", "--recipe", "input-reduction"],
            2,
            "task `slots`",
        ),
        (
            &["--output", "none/results.jsonl"],
            2,
            "cannot write results none/results.jsonl",
        ),
    ] {
        let message = attack(&workplace, more).refused(code);
        assert!(message.contains(expected), "{more:?}: {message}");
    }
    workplace.write("test.jsonl", "{\"tokens\": [\"play\"]}\n");
    let message = attack(&workplace, &[]).refused(3);
    assert!(
        message.contains("no example of the test data has a label"),
        "{message}"
    );
}
