//! `compare` from outside: its table, its files, and going on.

use crate::workplace::Workplace;

const LINE: [&str; 8] = [
    "compare",
    "run.toml",
    "--seeds",
    "2",
    "--output",
    "out",
    "--resamples",
    "20",
];

#[test]
fn a_comparison_prints_its_table_and_goes_on() {
    let workplace = Workplace::new();
    let table = workplace.mtnet(&LINE).ok();
    for part in [
        "# Does sharing help? tiny",
        "| task | metric | examples | majority | multi-task | single-task | classical |",
        "| gain over single-task | multi-task | classical |",
        "Δm in %",
        "All numbers: out/compare.json",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }
    assert!(workplace.path("out/compare.md").is_file());

    let again = workplace.mtnet(&LINE);
    assert!(
        again.stderr.contains("[6/6]") && again.stderr.contains("kept from before"),
        "{}",
        again.stderr
    );
    assert!(!again.stderr.contains("begins"), "{}", again.stderr);

    let json = workplace.mtnet(&[&["--quiet", "--log-format", "json"][..], &LINE].concat());
    let value: serde_json::Value = serde_json::from_str(&json.ok()).expect("one line of JSON");
    assert_eq!(
        value["comparison"]["seeds"]
            .as_array()
            .expect("seeds")
            .len(),
        2
    );
}

#[test]
fn one_task_has_nothing_to_share() {
    let workplace = Workplace::new();
    let run = crate::workplace::RUN;
    let second = run.rfind("[[task]]").expect("a second task");
    workplace.write("run.toml", &run[..second]);
    let message = workplace.mtnet(&LINE).refused(2);
    assert!(message.contains("one task"), "{message}");
    workplace.write("run.toml", run);
    let none = workplace.mtnet(&["compare", "run.toml", "--seeds", "0"]);
    assert_eq!(none.code, 2, "{}", none.stderr);
}

#[test]
fn a_run_that_diverges_is_named() {
    let workplace = Workplace::new();
    let diverges = [
        "train.learning_rate=1e30",
        "train.max_grad_norm=0",
        "train.eval_strategy=no",
    ];
    let message = workplace.mtnet(&[&LINE[..], &diverges].concat()).refused(4);
    assert!(
        message.contains("-seed-42") || message.contains("-seed-43"),
        "{message}"
    );
}

#[test]
fn advice_is_given_and_tried_from_the_command_line() {
    let workplace = Workplace::new();
    let advised = [&LINE[..], &["--no-classical", "--distil", "--advise"]].concat();
    let table = workplace.mtnet(&advised).ok();
    assert!(
        table.contains("| multi-task | single-task | multi-task, distilled |")
            && table.contains("## Advice"),
        "{table}"
    );
    let tried = [&advised[..], &["--try", "2", "--time", "1h"]].concat();
    let outcome = workplace.mtnet(&tried);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let folder = LINE[LINE.iter().position(|&word| word == "--output").unwrap() + 1];
    workplace
        .mtnet(&["report", folder, "--output", "compared.html"])
        .ok();
    let page = std::fs::read_to_string(workplace.path("compared.html")).unwrap();
    assert!(page.contains("Where a task loses"));
    for (wrong, expected) in [
        (&["--try", "2"][..], "--time"),
        (&["--time", "1h"], "--try"),
        (&["--try", "2", "--time", "soon"], "90s, 45m or 2h30m"),
        (&["--try", "none", "--time", "1h"], "a number above 0"),
    ] {
        let message = workplace.mtnet(&[&LINE[..], wrong].concat()).refused(2);
        assert!(message.contains(expected), "{message}");
    }
}
