//! R16: written mistakes in run files each have a message with the key, what is allowed and, for a
//! typing mistake, the nearest name. The messages themselves stand in the snapshots beside.

use mtnet_fuzz::figure;

use crate::data_mistakes;
use crate::run_file_mistakes::{CHANGES, OVERRIDES};
use crate::workplace::Workplace;

/// Further mistakes, beyond those of the snapshots: what is replaced, by what, parts of the message.
const MORE: [(&str, &str, &[&str]); 20] = [
    (
        "[[task]]",
        "[[tasks]]",
        &["unknown key `tasks`", "did you mean `task`?"],
    ),
    ("[[dataset]]", "[dataset]", &["`dataset`"]),
    (
        "format = \"jsonl\"",
        "format = \"parquett\"",
        &["`dataset.requests.format`", "did you mean `parquet`?"],
    ),
    (
        "format = \"jsonl\"",
        "format = 3",
        &["`dataset.requests.format` is 3"],
    ),
    (
        "format = \"jsonl\"",
        "format = \"jsonl\"\non_bad_row = \"skipp\"",
        &["`dataset.requests.on_bad_row`", "did you mean `skip`?"],
    ),
    (
        "format = \"jsonl\"",
        "format = \"jsonl\"\non_bad_row = { limit = -1 }",
        &["on_bad_row", "-1"],
    ),
    (
        "format = \"jsonl\"",
        "format = \"jsonl\"\non_bad_row = { limits = 3 }",
        &["on_bad_row", "limits"],
    ),
    (
        "format = \"jsonl\"",
        "format = \"jsonl\"\nlimit = 0",
        &["key `limit`", "at least 1"],
    ),
    (
        "format = \"jsonl\"",
        "format = \"jsonl\"\nlimit = \"all\"",
        &["`dataset.requests.limit` is \"all\"", "whole number"],
    ),
    (
        "format = \"jsonl\"",
        "format = \"jsonl\"\nquote = true",
        &["key `quote`", "csv and tsv"],
    ),
    (
        "format = \"jsonl\"",
        "format = \"jsonl\"\nsplit_seed = 1.5",
        &["`dataset.requests.split_seed` is 1.5"],
    ),
    (
        "max_steps = 4",
        "max_steps = -4",
        &["`train.max_steps` is -4"],
    ),
    ("max_steps = 4", "learning_rate = -1e-3", &["learning_rate"]),
    ("max_steps = 4", "learning_rate = nan", &["learning_rate"]),
    ("max_steps = 4", "weight_decay = -0.1", &["weight_decay"]),
    ("max_steps = 4", "threads = 0", &["threads"]),
    ("max_steps = 4", "save_steps = 0", &["save_steps"]),
    (
        "max_steps = 4",
        "max_steps = 4\nmax_steps = 5",
        &["max_steps"],
    ),
    (
        "head = \"token-classification\"",
        "head = \"token_classification\"",
        &["did you mean `token-classification`"],
    ),
    ("label = \"slots\"", "label = 3.5", &["`task.slots.label`"]),
];

#[test]
fn r16_written_mistakes_name_the_key_and_what_is_allowed() {
    let workplace = Workplace::new();
    for (from, to, parts) in MORE {
        workplace.change_run(from, to);
        let message = workplace.mtnet(&["train", "run.toml"]).refused(2);
        assert!(message.starts_with("error: run.toml"), "{to}: {message}");
        for part in parts {
            assert!(message.contains(part), "{to}: expected {part}\n{message}");
        }
    }
    let written = CHANGES.len() + OVERRIDES.len() + MORE.len();
    let data = data_mistakes::CASES.len();
    assert!(written + data >= 60, "{written} and {data}");
    figure(
        "R16",
        format!(
            "{written} of {written} written mistakes in run files and {data} of {data} in data named with place and remedy"
        ),
    );
}
