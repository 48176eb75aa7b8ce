//! Tests with numbers, R01 to R31: the program itself, killed, starved, locked out and fed with
//! faults. `MTNET_RELIABILITY` (`quick`, `full`) says how much of each; `cargo xtask reliability`
//! collects the figures. Times are printed, never asserted.

mod data_check;
mod determinism;
mod folders;
mod goldens;
mod kills;
mod locks;
mod mistakes;
mod planted;
mod resume;
mod soak;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::workplace::Workplace;

/// Two layers 64 wide with dropout, three kinds of task and a method on gradients; epoch ends,
/// evaluations and best weights fall between the checkpoints.
const RUN: &str = r#"[run]
name = "small"
seed = 5

[encoder]
preset = "mt-net-mini"
hidden_size = 64
num_layers = 2
num_attention_heads = 2
intermediate_size = 128

[tokenizer]
vocab_size = 120

[train]
max_steps = 40
batch_tokens = 64
learning_rate = 5e-3
logging_steps = 1
eval_strategy = "steps"
eval_steps = 7
save_steps = 3
save_total_limit = 2

[balance]
method = "pcgrad"

[[dataset]]
name = "requests"
format = "jsonl"
tokens = "tokens"
train = "train.jsonl"
dev = "dev.jsonl"
test = "test.jsonl"

[[task]]
name = "intent"
dataset = "requests"
head = "classification"
label = "intent"

[[task]]
name = "slots"
dataset = "requests"
head = "token-classification"
label = "slots"

[[task]]
name = "length"
dataset = "requests"
head = "regression"
label = "length"
"#;

/// The data of the goldens, which is small and never changes.
fn golden(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/v1");
    fs::read(folder.join(name)).expect("a file of the goldens")
}

/// [`RUN`] with its data.
fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("run.toml", RUN);
    for name in ["train.jsonl", "dev.jsonl", "test.jsonl"] {
        workplace.write(name, golden(name));
    }
    workplace
}

/// What two runs must have in common: the trained model, the last checkpoint's weights and moments,
/// and the log without the wall clock.
fn fingerprint(workplace: &Workplace, output: &str) -> BTreeMap<&'static str, String> {
    let folder = workplace.path(output);
    let sha = |path: &Path| {
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        hex(&bytes)
    };
    let last = checkpoints(&folder)
        .into_iter()
        .max()
        .expect("a checkpoint");
    let last = folder.join(format!("checkpoint-{last}"));
    BTreeMap::from([
        ("model", sha(&folder.join("model/model.safetensors"))),
        ("last weights", sha(&last.join("model.safetensors"))),
        ("last moments", sha(&last.join("optimizer.safetensors"))),
        ("metrics", hex(metrics(&folder).as_bytes())),
    ])
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Steps of the checkpoints of a run.
fn checkpoints(folder: &Path) -> Vec<u64> {
    let entries = fs::read_dir(folder).expect("a run folder");
    entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_prefix("checkpoint-")?.parse().ok()
        })
        .collect()
}

/// `metrics.jsonl` without the fields of the wall clock.
fn metrics(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("metrics.jsonl")).expect("a log");
    let lines = text.lines().map(|line| {
        let mut event: Value = serde_json::from_str(line).expect("an event");
        if let Some(event) = event.as_object_mut() {
            for field in mtnet::train::events::WALL_CLOCK_FIELDS {
                event.remove(field);
            }
        }
        event.to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether this machine lets a test make namespaces; says so where it does not.
fn can_unshare(test: &str, flag: &str) -> bool {
    let status = std::process::Command::new("unshare")
        .args([flag, "true"])
        .stderr(std::process::Stdio::null())
        .status();
    let can = status.is_ok_and(|status| status.success());
    if !can {
        mtnet_fuzz::figure(
            test,
            format!("not measured: `unshare {flag}` is not allowed here"),
        );
    }
    can
}
