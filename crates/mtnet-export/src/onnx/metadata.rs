//! What a graph says of itself: tasks, labels, and how tags are decoded.
//!
//! Keys of `metadata_props`: `mtnet.format_version`, `mtnet.max_length`, `mtnet.pooling` and
//! `mtnet.tasks`, a JSON list with an object a task. Where tags follow the BIO scheme, `transitions`
//! holds what a Viterbi decoder adds to log-probabilities: `start[to]` and `matrix[from][to]`, 0 for
//! allowed and −10,000 for forbidden. `temperature` stands where the model was calibrated: logits
//! divided by it give its probabilities, and the output of probabilities has done so. A task that
//! answers questions names `start_logits` and `end_logits` in place of `logits`.

use mtnet_heads::{BioConstraint, HeadConfig, SPAN_COLUMNS};
use mtnet_model::{ModelFolder, Task};
use serde_json::{Value, json};

use super::proto::StringStringEntryProto;

/// Version of these keys.
const FORMAT_VERSION: u32 = 1;
/// Log-score of a forbidden step.
const FORBIDDEN: i32 = -10_000;

/// A task of the graph with the names of its outputs.
#[derive(Clone, Debug)]
pub(super) struct Exported<'a> {
    pub task: &'a Task,
    pub logits: String,
    pub probabilities: Option<String>,
}

impl Exported<'_> {
    /// The outputs of an answer to a question, in place of `logits`: its beginning and its end.
    pub(super) fn span_outputs(&self) -> [String; 2] {
        let prefix = self.logits.strip_suffix("logits").unwrap_or_default();
        SPAN_COLUMNS.map(|column| format!("{prefix}{column}_logits"))
    }
}

/// The entries for the tasks of a graph.
pub(super) fn metadata(folder: &ModelFolder, tasks: &[Exported]) -> Vec<StringStringEntryProto> {
    let tasks: Vec<Value> = tasks.iter().map(describe).collect();
    let entry = |key: &str, value: String| StringStringEntryProto {
        key: format!("mtnet.{key}"),
        value,
    };
    let pooling = json!(folder.model.pooling());
    vec![
        entry("format_version", FORMAT_VERSION.to_string()),
        entry("max_length", folder.max_length.to_string()),
        entry("pooling", pooling.as_str().unwrap_or_default().to_owned()),
        entry("tasks", Value::Array(tasks).to_string()),
    ]
}

fn describe(task: &Exported) -> Value {
    let spec = &task.task.spec;
    let mut entry = json!({
        "name": spec.name,
        "head": spec.head.kind(),
        "labels": spec.labels,
        "logits": task.logits,
    });
    let mut set = |key: &str, value: Value| entry[key] = value;
    if let Some(output) = &task.probabilities {
        set("probabilities", json!(output));
    }
    if let Some(calibration) = task.task.calibration() {
        set("temperature", json!(calibration.temperature()));
    }
    match &spec.head {
        HeadConfig::MultiLabel(config) => set("threshold", json!(config.threshold)),
        HeadConfig::QuestionAnswering(config) => {
            let [start, end] = task.span_outputs();
            set("start_logits", json!(start));
            set("end_logits", json!(end));
            set("logits", Value::Null);
            set(
                "reads",
                json!("first token, then tokens of the second text"),
            );
            set("max_answer_tokens", json!(config.max_answer_tokens));
            set("overlap", json!(config.overlap));
            set("null_threshold", json!(config.null_threshold));
        }
        HeadConfig::TokenClassification(config) => {
            set("reads", json!("first token of each word"));
            if let Some(constraint) =
                BioConstraint::from_labels(&spec.labels).filter(|_| config.constrained)
            {
                set("transitions", transitions(&constraint, spec.labels.len()));
            }
        }
        _ => {}
    }
    entry
}

fn transitions(constraint: &BioConstraint, tags: usize) -> Value {
    let row = |before: Option<usize>| -> Vec<i32> {
        (0..tags)
            .map(|tag| match constraint.allows(before, tag) {
                true => 0,
                false => FORBIDDEN,
            })
            .collect()
    };
    let matrix: Vec<Vec<i32>> = (0..tags).map(|tag| row(Some(tag))).collect();
    json!({ "start": row(None), "matrix": matrix })
}
