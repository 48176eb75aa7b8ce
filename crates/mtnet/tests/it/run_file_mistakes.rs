//! Mistakes in run files and overrides: each has one message with its place, and exit code 2.

use crate::workplace::{Workplace, snapshot};

/// What is replaced in the run file, by what, and a part of the message.
pub const CHANGES: [(&str, &str, &str); 31] = [
    ("[run]", "[run", "run.toml:1:"),
    (
        "[train]",
        "[trian]",
        "run.toml:7:2: unknown key `trian`, did you mean `train`?",
    ),
    (
        "max_steps = 4",
        "lerning_rate = 1e-3",
        "run.toml:8:1: unknown key `train.lerning_rate`, did you mean `learning_rate`?",
    ),
    (
        "dev = ",
        "valid = ",
        "run.toml:15:1: unknown key `dataset.requests.valid`",
    ),
    (
        "label = \"intent\"",
        "lable = \"intent\"",
        "run.toml:22:1: unknown key `task.intent.lable`, did you mean `label`?",
    ),
    (
        "max_steps = 4",
        "epochs = \"three\"",
        "run.toml:8:10: `train.epochs` is \"three\", expected a number",
    ),
    (
        "max_steps = 4",
        "max_steps = 4.5",
        "`train.max_steps` is 4.5, expected a whole number",
    ),
    (
        "max_steps = 4",
        "epochs = 0",
        "`train.epochs` is 0, expected a number above 0",
    ),
    (
        "max_steps = 4",
        "precision = \"bf16\"",
        "`train.precision` is `bf16`, expected `f32` with `encoder.preset = \"mt-net-window\"`",
    ),
    ("max_steps = 4", "precision = \"int8\"", "`train.precision`"),
    (
        "max_steps = 4",
        "batch_tokens = 8",
        "`train.batch_tokens` is 8, expected at least 16",
    ),
    ("max_steps = 4", "adam_beta2 = 1.0", "`adam_beta2`"),
    ("max_steps = 4", "warmup_ratio = -0.1", "`warmup_ratio`"),
    (
        "max_steps = 4",
        "lr_scheduler_type = \"cosin\"",
        "did you mean `cosine`?",
    ),
    (
        "max_steps = 4",
        "metric_for_best_model = \"intents\"",
        "did you mean `intent`?",
    ),
    (
        "max_steps = 4",
        "eval_strategy = \"no\"\nearly_stopping_patience = 2",
        "`train.early_stopping_patience`",
    ),
    (
        "max_steps = 4",
        "[balance]\nmethod = \"fixed\"\nweights = { slot = 2.0 }",
        "did you mean `slots`?",
    ),
    (
        "max_steps = 4",
        "[sampler]\nstrategy = \"uniform\"\ntemperature = 2.0",
        "run.toml:10:15: sampler, key `temperature`",
    ),
    (
        "preset = \"mt-net-window\"",
        "",
        "none of `from` and `preset`",
    ),
    (
        "preset = \"mt-net-window\"",
        "preset = \"mt-net-windw\"",
        "did you mean `mt-net-window`?",
    ),
    (
        "preset = \"mt-net-window\"",
        "from = \"x\"\nhidden_size = 64",
        "`hidden_size`",
    ),
    (
        "[encoder]\npreset = \"mt-net-window\"\n",
        "",
        "run.toml: missing table `[encoder]`",
    ),
    (
        "name = \"tiny\"",
        "name = \"tiny\"\ndevice = \"gpu\"",
        "`run.device` is \"gpu\"",
    ),
    (
        "name = \"tiny\"",
        "name = \"../tiny\"",
        "run.toml:2:8: `run.name`",
    ),
    (
        "head = \"classification\"\n",
        "",
        "run.toml:18:1: missing key `task.intent.head`",
    ),
    (
        "head = \"classification\"",
        "head = \"clasification\"",
        "unknown head `clasification`",
    ),
    (
        "\"classification\"",
        "{ type = \"classification\", dropout = \"much\" }",
        "`task.intent.head.dropout` is \"much\", expected a number",
    ),
    (
        "name = \"slots\"",
        "name = \"intent\"",
        "`intent` names two entries of `[[task]]`",
    ),
    (
        "dataset = \"requests\"",
        "dataset = \"reqests\"",
        "did you mean `requests`?",
    ),
    (
        "train = \"train.jsonl\"",
        "train = \"trian.jsonl\"",
        "run.toml:14:9: `dataset.requests.train`: there is no file trian.jsonl",
    ),
    (
        "tokens = \"tokens\"",
        "columns = [\"a\"]",
        "data set `requests`, key `columns`",
    ),
];

/// What stands behind the run file on the command line, and a part of the message.
pub const OVERRIDES: [(&str, &str); 6] = [
    (
        "train.epoch=3",
        "override `train.epoch=3`: unknown key `train.epoch`, did you mean `epochs`?",
    ),
    ("train.epochs", "expected KEY=VALUE"),
    (
        "train.epochs=many",
        "`train.epochs` is \"many\", expected a number",
    ),
    (
        "task.intend.label=x",
        "no `[[task]]` named `intend`; did you mean `intent`?",
    ),
    (
        "dataset.requests.dev=gone.jsonl",
        "there is no file gone.jsonl",
    ),
    (
        "run.seed=-1",
        "`run.seed` is -1, expected a whole number, at least 0",
    ),
];

#[test]
fn every_mistake_has_its_place_and_its_remedy() {
    let workplace = Workplace::new();
    let mut cases = Vec::new();
    for (from, to, expected) in CHANGES {
        workplace.change_run(from, to);
        let message = workplace.mtnet(&["train", "run.toml"]).refused(2);
        assert!(message.contains(expected), "{expected}\n{message}");
        assert!(message.contains("run.toml"), "{message}");
        cases.push((format!("{from:?} -> {to:?}"), 2, message));
    }
    workplace.change_run("", "");
    for (change, expected) in OVERRIDES {
        let message = workplace.mtnet(&["train", "run.toml", change]).refused(2);
        assert!(
            message.contains(expected) && message.contains(change),
            "{expected}\n{message}"
        );
        cases.push((change.to_owned(), 2, message));
    }
    let message = workplace.mtnet(&["train", "gone.toml"]).refused(2);
    assert!(
        message.starts_with("error: gone.toml: cannot read the run file"),
        "{message}"
    );
    insta::assert_snapshot!(snapshot(cases));

    // Not in the snapshot: the message lists all methods, which are many and become more.
    workplace.change_run("max_steps = 4", "[balance]\nmethod = \"fixd\"");
    let message = workplace.mtnet(&["train", "run.toml"]).refused(2);
    let start = "error: run.toml:9:10: `balance.method` is \"fixd\", expected `equal`, ";
    assert!(message.starts_with(start), "{message}");
    assert!(message.contains("did you mean `fixed`?"), "{message}");
    assert!(
        !workplace.path("runs").exists(),
        "a run that was refused leaves nothing behind"
    );
}
