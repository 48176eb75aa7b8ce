//! Help, configuration and what the program says of itself.

use serde_json::Value;

use crate::workplace::{RUN, Workplace};

#[test]
fn help_lists_every_command() {
    let workplace = Workplace::new();
    let help = workplace.mtnet(&["--help"]).ok();
    for command in [
        "train", "eval", "predict", "check", "tune", "extend", "report", "export", "import",
        "config", "info",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let own = workplace.mtnet(&[command, "--help"]).ok();
        assert!(own.contains("Usage: mtnet"), "{own}");
    }
    assert_eq!(
        workplace.mtnet(&["--version"]).ok().trim(),
        concat!("mtnet ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_wrong_command_line_ends_with_code_2() {
    let workplace = Workplace::new();
    for (args, expected) in [
        (&["trian"][..], "'train'"),
        (&["train"], "RUN.toml"),
        (&["train", "run.toml", "--ouput", "x"], "'--output'"),
        (&["eval", "model"], "--data"),
        (
            &["eval", "model", "--data", "run.toml", "--split", "val"],
            "expected `train`, `dev` or `test`",
        ),
        (&["predict", "model"], "TEXT"),
        (
            &["predict", "model", "text", "--input", "x.txt"],
            "cannot be used with",
        ),
        (
            &["predict", "model", "--input", "x.txt", "--pair", "text"],
            "cannot be used with",
        ),
        (
            &["predict", "model", "text", "--task", "a b"],
            "task name `a b`",
        ),
        (
            &["predict", "model", "text", "--device", "gpu"],
            "expected `cpu`, `cuda`, `cuda:N` or `metal`",
        ),
        (&["config", "render"], "RUN.toml"),
    ] {
        let message = workplace.mtnet(args).refused(2);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_rendered_run_file_says_the_same_and_fits_the_schema() {
    let workplace = Workplace::new();
    let rendered = workplace
        .mtnet(&["config", "render", "run.toml", "train.learning_rate=3e-5"])
        .ok();
    for line in [
        "seed = 42",
        "max_steps = 4",
        "learning_rate = 0.00003",
        "weight_decay = 0.01",
    ] {
        assert!(rendered.contains(line), "{line}\n{rendered}");
    }
    workplace.write("again.toml", &rendered);
    assert_eq!(
        workplace.mtnet(&["config", "render", "again.toml"]).ok(),
        rendered
    );

    let schema: Value = serde_json::from_str(&workplace.mtnet(&["config", "schema"]).ok()).unwrap();
    let table: toml::Table = toml::from_str(&rendered).unwrap();
    for (key, value) in table {
        let property = &schema["properties"][&key];
        assert!(property.is_object(), "{key}");
        let target = property["$ref"]
            .as_str()
            .map(|target| target.trim_start_matches('#'));
        let (Some(target), Some(settings)) = (target, value.as_table()) else {
            continue;
        };
        let known = &schema.pointer(target).unwrap()["properties"];
        if key != "balance" {
            settings
                .keys()
                .for_each(|setting| assert!(known[setting].is_object(), "{key}.{setting}"));
        }
    }
}

#[test]
fn the_program_describes_itself_for_readers_and_programs() {
    let workplace = Workplace::new();
    let text = workplace.mtnet(&["info"]).ok();
    assert!(text.contains("instruction set "), "{text}");
    let info: Value = serde_json::from_str(&workplace.mtnet(&["info", "--json"]).ok()).unwrap();
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert!(info["threads"].as_u64().unwrap() > 0);
}

#[test]
fn a_check_counts_what_training_would_see() {
    let workplace = Workplace::new();
    workplace.write(
        "test.jsonl",
        r#"{"tokens": ["play", "Adele"], "intent": "play"}"#,
    );
    let text = workplace.mtnet(&["check", "run.toml"]).ok();
    for part in [
        "| intent | requests | train |        4 |       0 |      2 | book 50.0 %, play 50.0 %",
        "Warnings:",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let report = workplace
        .mtnet(&[
            "check",
            "run.toml",
            "--json",
            "sampler.examples_per_epoch=6",
        ])
        .ok();
    let report: Value = serde_json::from_str(&report).unwrap();
    let slots = report["targets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|targets| targets["task"] == "slots" && targets["split"] == "test");
    assert_eq!(
        slots.map(|slots| (&slots["labelled"], &slots["missing"])),
        Some((&0.into(), &1.into()))
    );
    assert_eq!(report["sampler"]["intent"]["repeats"], 1.5);
    assert_eq!(report["schedule"]["steps"], 4);
    assert_eq!(report["overlaps"][1]["shared"], 1);
    assert!(
        report["memory"]["weights"].as_u64()
            == report["model"]["parameters"]
                .as_u64()
                .map(|count| 4 * count)
    );
}

#[test]
fn quiet_leaves_results_alone() {
    let workplace = Workplace::new();
    let loud = workplace.mtnet(&["check", "run.toml"]);
    let quiet = workplace.mtnet(&["check", "-q", "run.toml"]);
    assert!(loud.stderr.contains("reading data"), "{}", loud.stderr);
    assert_eq!((quiet.stderr.as_str(), quiet.stdout), ("", loud.stdout));
    assert!(RUN.contains("tiny"));
}
