//! The walk on a small run file with every construct that the real one has.

#![expect(dead_code, reason = "only the schemas of these types are read")]

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};
use serde::Deserialize;

use super::super::load::{Place, Source};
use super::*;

/// A run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Run {
    /// The network. It reads text.
    encoder: Encoder,
    #[serde(default)]
    train: Train,
    #[serde(default)]
    balance: Balance,
    /// What is learned.
    task: Vec<Task>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Encoder {
    layers: Option<usize>,
    kind: Option<Kind>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// Documented, so that the schema lists constants.
    FirstKind,
    /// Another.
    SecondKind,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Train {
    epochs: f64,
    #[serde(flatten)]
    optimizer: Optimizer,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Optimizer {
    learning_rate: f64,
    steps: Option<u64>,
}

#[derive(Default, Deserialize, JsonSchema)]
struct Balance {
    #[serde(default)]
    normalize: bool,
    #[serde(flatten)]
    method: Method,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "kebab-case")]
enum Method {
    Equal(Nothing),
    Fixed(Fixed),
}

impl Default for Method {
    fn default() -> Self {
        Self::Equal(Nothing {})
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fixed {
    weights: BTreeMap<String, f64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Task {
    name: String,
    /// The field. A list makes several.
    #[schemars(schema_with = "one_or_many")]
    label: Vec<String>,
}

fn one_or_many(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "anyOf": [
        { "type": "string" },
        { "type": "array", "items": { "type": "string" }, "minItems": 1 },
    ] })
}

const ENCODER: &str = "[encoder]\n";
const TASK: &str = "[[task]]\nname = \"a\"\nlabel = \"x\"\n";

/// The message of the first mistake and the text that it stands at.
fn mistake(text: &str) -> Option<(String, String)> {
    let error = check_text(schema_for!(Run).as_value(), text).err()?;
    let at = match error.place() {
        Place::Line {
            text,
            column,
            width,
            ..
        } => text.chars().skip(column - 1).take(*width).collect(),
        _ => String::new(),
    };
    Some((error.problem().to_string(), at))
}

fn check_text(schema: &Value, text: &str) -> Result<(), RunFileError> {
    let root = DeTable::parse(text).unwrap();
    let source = Source::new("run.toml".as_ref(), text, &[]);
    check(schema, root.get_ref(), &Places::new(source, root.get_ref()))
}

#[track_caller]
fn expect(text: &str, message: &str, at: &str) {
    let found = mistake(text).unwrap_or_else(|| panic!("no mistake in\n{text}"));
    assert_eq!(found, (message.to_owned(), at.to_owned()));
}

#[test]
fn right_tables_pass() {
    for middle in [
        "",
        "layers = 3\nkind = \"second-kind\"\n",
        "[train]\nepochs = 3\nlearning_rate = 1e-3\nsteps = 4\n",
        "[balance]\nmethod = \"equal\"\nnormalize = true\n",
        "[balance]\nmethod = \"fixed\"\nweights = { a = 1, b = 0.5 }\n",
        "[[task]]\nname = \"b\"\nlabel = [\"x\", \"y\"]\n",
    ] {
        let text = format!("{ENCODER}{middle}{TASK}");
        assert_eq!(mistake(&text), None, "{text}");
    }
}

#[test]
fn unknown_keys_are_found_in_every_kind_of_table() {
    let with = |middle: &str| format!("{ENCODER}{middle}{TASK}");
    let top = with("[trian]\nepochs = 3\n");
    expect(&top, "unknown key `trian`, did you mean `train`?", "trian");
    expect(
        &with("layer = 3\n"),
        "unknown key `encoder.layer`, did you mean `layers`?",
        "layer",
    );
    let flattened = with("[train]\nlerning_rate = 3\n");
    expect(
        &flattened,
        "unknown key `train.lerning_rate`, did you mean `learning_rate`?",
        "lerning_rate",
    );
    let strange = with("[train]\nwhatever = 3\n");
    expect(
        &strange,
        "unknown key `train.whatever`, expected one of `epochs`, `learning_rate`, `steps`",
        "whatever",
    );
    let variant = with("[balance]\nmethod = \"equal\"\nweights = { a = 1 }\n");
    expect(
        &variant,
        "unknown key `balance.weights`, expected one of `normalize`, `method`",
        "weights",
    );
    let entry = format!("{ENCODER}{TASK}lable = \"y\"\n");
    expect(
        &entry,
        "unknown key `task.a.lable`, did you mean `label`?",
        "lable",
    );
}

#[test]
fn missing_keys_are_named_with_their_meaning() {
    expect(TASK, "missing table `[encoder]`: the network", "");
    expect(ENCODER, "missing table `[[task]]`: what is learned", "");
    let label = format!("{ENCODER}[[task]]\nname = \"a\"\n");
    expect(&label, "missing key `task.a.label`: the field", "[[task]]");
    let method = format!("{ENCODER}[balance]\nnormalize = true\n{TASK}");
    expect(
        &method,
        "missing key `balance.method`: `equal` or `fixed`",
        "[balance]",
    );
    let weights = format!("{ENCODER}[balance]\nmethod = \"fixed\"\n{TASK}");
    expect(&weights, "missing table `[balance.weights]`", "[balance]");
}

#[test]
fn wrong_values_are_shown_with_what_they_may_be() {
    let with = |middle: &str| format!("{ENCODER}{middle}{TASK}");
    for (middle, message, at) in [
        (
            "layers = \"six\"\n",
            "`encoder.layers` is \"six\", expected a whole number, at least 0",
            "\"six\"",
        ),
        (
            "layers = 2.5\n",
            "`encoder.layers` is 2.5, expected a whole number, at least 0",
            "2.5",
        ),
        (
            "layers = -1\n",
            "`encoder.layers` is -1, expected a whole number, at least 0",
            "-1",
        ),
        (
            "kind = \"first-kin\"\n",
            "`encoder.kind` is \"first-kin\", expected `first-kind` or `second-kind`; did you mean `first-kind`?",
            "\"first-kin\"",
        ),
        (
            "kind = true\n",
            "`encoder.kind` is true, expected `first-kind` or `second-kind`",
            "true",
        ),
        (
            "[train]\nlearning_rate = []\n",
            "`train.learning_rate` is an empty list, expected a number",
            "[]",
        ),
        (
            "[balance]\nmethod = \"fixd\"\n",
            "`balance.method` is \"fixd\", expected `equal` or `fixed`; did you mean `fixed`?",
            "\"fixd\"",
        ),
        (
            "[balance]\nmethod = \"fixed\"\nweights = { a = \"much\" }\n",
            "`balance.weights.a` is \"much\", expected a number",
            "\"much\"",
        ),
        (
            "[[task]]\nname = \"b\"\nlabel = []\n",
            "`task.b.label` is an empty list, expected a list with at least 1",
            "[]",
        ),
        (
            "[[task]]\nname = \"b\"\nlabel = [3]\n",
            "`task.b.label.0` is 3, expected a string",
            "3",
        ),
        (
            "[[task]]\nname = \"b\"\nlabel = 3\n",
            "`task.b.label` is 3, expected a string or a list",
            "3",
        ),
    ] {
        expect(&with(middle), message, at);
    }
    expect(
        "encoder = 3\n[[task]]\nname = \"a\"\nlabel = \"x\"\n",
        "`encoder` is 3, expected a table",
        "3",
    );
}

#[test]
fn a_table_that_the_schema_leaves_open_is_left_to_its_reader() {
    let schema = serde_json::json!({ "properties": { "head": { "anyOf": [
        { "type": "string" },
        { "type": "object", "properties": { "type": { "const": "known" }, "size": { "type": "integer" } } },
        { "type": "object", "properties": { "type": { "type": "string" } }, "additionalProperties": true },
    ] } } });
    for text in [
        "head = \"x\"",
        "head = { type = \"own\", anything = 1 }",
        "head = { type = \"known\", size = 3 }",
    ] {
        assert!(check_text(&schema, text).is_ok(), "{text}");
    }
}
