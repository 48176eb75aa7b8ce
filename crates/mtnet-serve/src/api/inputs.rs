//! The `inputs` of a request: one text, or a list of texts and pairs.

use mtnet_model::{Ask, PredictInput, Task};
use serde_json::{Map, Value};

use super::app::App;
use super::error::ApiError;
use crate::engine::MakesInputs;

/// The inputs of a request, their words not yet looked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inputs {
    /// In order.
    pub items: Vec<RawInput>,
    /// Whether they came as a list, and so shall be answered as one.
    pub is_list: bool,
}

/// One input as it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RawInput {
    Text(String),
    Pair(String, String),
    Words(Vec<String>),
}

impl Inputs {
    /// Reads the value of `inputs` and holds it against the limits of the server.
    pub fn read(value: Value, app: &App) -> Result<Self, ApiError> {
        let inputs = Self::parse(value)?;
        inputs.check(app.settings.max_client_batch_size)?;
        Ok(inputs)
    }

    fn parse(value: Value) -> Result<Self, ApiError> {
        match value {
            Value::Array(items) => {
                let items = items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| RawInput::parse(&format!("inputs[{index}]"), item, true))
                    .collect::<Result<_, _>>()?;
                Ok(Self {
                    items,
                    is_list: true,
                })
            }
            one => Ok(Self {
                items: vec![RawInput::parse("inputs", one, false)?],
                is_list: false,
            }),
        }
    }

    /// Refuses no input, more than `limit`, and empty ones.
    pub fn check(&self, limit: usize) -> Result<(), ApiError> {
        let count = self.items.len();
        if count == 0 {
            return Err(ApiError::empty("`inputs` is an empty list"));
        }
        if count > limit {
            return Err(ApiError::too_large(format!(
                "the request has {count} inputs, expected at most {limit}; split it into several"
            )));
        }
        match self.items.iter().position(RawInput::is_empty) {
            Some(index) => Err(ApiError::empty(format!("input {index} is empty"))),
            None => Ok(()),
        }
    }

    /// Refuses a text alone where all that is asked are answers to questions about a text.
    pub fn check_pairs(&self, app: &App, ask: &Ask) -> Result<(), ApiError> {
        let tasks = app.engine.backend().predictor().folder().model.tasks();
        let mut asked = ask.tasks.iter().map(|&task| &tasks[task]).peekable();
        let Some(first) = asked.peek().map(|task| &task.spec.name) else {
            return Ok(());
        };
        let alone = |item: &RawInput| !matches!(item, RawInput::Pair(..));
        match self.items.iter().position(alone) {
            Some(index) if asked.all(Task::needs_pair) => Err(ApiError::invalid(format!(
                "task `{first}` answers a question about a text, and input {index} is one text; \
                 give a pair, `[[question, text]]` or {{\"text\": question, \"text_b\": text}}"
            ))),
            _ => Ok(()),
        }
    }

    /// Characters of all inputs.
    pub fn characters(&self) -> usize {
        self.items.iter().map(RawInput::characters).sum()
    }
}

impl MakesInputs for Vec<RawInput> {
    fn len(&self) -> usize {
        self.len()
    }

    fn make(self) -> Vec<PredictInput> {
        self.into_iter().map(RawInput::make).collect()
    }
}

impl RawInput {
    fn parse(place: &str, value: Value, in_list: bool) -> Result<Self, ApiError> {
        match value {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Object(object) => Self::from_object(place, object),
            Value::Array(items) if in_list => {
                let mut texts = strings(place, Value::Array(items))?;
                match (texts.len(), texts.pop(), texts.pop()) {
                    (1, Some(text), _) => Ok(Self::Text(text)),
                    (2, Some(second), Some(first)) => Ok(Self::Pair(first, second)),
                    (count, ..) => Err(ApiError::invalid(format!(
                        "`{place}` is a list of {count}, expected a text or a pair of texts"
                    ))),
                }
            }
            other => Err(ApiError::invalid(format!(
                "`{place}` is {}, expected a string, a pair of strings, or an object with `text`",
                kind(&other)
            ))),
        }
    }

    fn from_object(place: &str, mut object: Map<String, Value>) -> Result<Self, ApiError> {
        let mut text = |key: &str| match object.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(ApiError::invalid(format!(
                "`{place}.{key}` is {}, expected a string",
                kind(&other)
            ))),
        };
        let (first, second) = (text("text")?, text("text_b")?);
        let tokens = match object.remove("tokens") {
            None => None,
            Some(tokens) => Some(strings(&format!("{place}.tokens"), tokens)?),
        };
        if let Some(key) = object.keys().next() {
            return Err(ApiError::invalid(format!(
                "unknown key `{key}` in `{place}`, expected `text`, `text_b` or `tokens`"
            )));
        }
        match (first, second, tokens) {
            (Some(text), None, None) => Ok(Self::Text(text)),
            (Some(first), Some(second), None) => Ok(Self::Pair(first, second)),
            (None, None, Some(tokens)) => Ok(Self::Words(tokens)),
            _ => Err(ApiError::invalid(format!(
                "`{place}` needs `text`, `text` and `text_b`, or `tokens` alone"
            ))),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Pair(first, second) => first.is_empty() && second.is_empty(),
            Self::Words(words) => words.iter().all(String::is_empty),
        }
    }

    fn characters(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Pair(first, second) => first.chars().count() + second.chars().count(),
            Self::Words(words) => words.iter().map(|word| word.chars().count()).sum(),
        }
    }

    fn make(self) -> PredictInput {
        match self {
            Self::Text(text) => PredictInput::text(text),
            Self::Pair(first, second) => PredictInput::pair(first, second),
            Self::Words(words) => PredictInput::words(&words),
        }
    }
}

fn strings(place: &str, value: Value) -> Result<Vec<String>, ApiError> {
    let Value::Array(items) = value else {
        return Err(ApiError::invalid(format!(
            "`{place}` is {}, expected a list of strings",
            kind(&value)
        )));
    };
    let items = items.into_iter().enumerate();
    items
        .map(|(index, item)| match item {
            Value::String(text) => Ok(text),
            other => Err(ApiError::invalid(format!(
                "`{place}[{index}]` is {}, expected a string",
                kind(&other)
            ))),
        })
        .collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> RawInput {
        RawInput::Text(text.to_owned())
    }

    #[test]
    fn inputs_are_read_in_every_form() {
        let pair = || RawInput::Pair("a".to_owned(), "b".to_owned());
        for (value, items, is_list) in [
            (json!("a"), vec![text("a")], false),
            (
                json!(["a", "b", "c"]),
                vec![text("a"), text("b"), text("c")],
                true,
            ),
            (
                json!([["a"], ["a", "b"], "c"]),
                vec![text("a"), pair(), text("c")],
                true,
            ),
            (json!({"text": "a", "text_b": "b"}), vec![pair()], false),
            (
                json!([{"text": "a"}, {"tokens": ["a", "b"]}]),
                vec![
                    text("a"),
                    RawInput::Words(vec!["a".to_owned(), "b".to_owned()]),
                ],
                true,
            ),
        ] {
            assert_eq!(Inputs::parse(value).unwrap(), Inputs { items, is_list });
        }
    }

    #[test]
    fn what_is_no_input_is_named_with_its_place() {
        for (value, expected) in [
            (json!(null), "`inputs` is null, expected a string, a pair"),
            (
                json!(["a", 3]),
                "`inputs[1]` is a number, expected a string",
            ),
            (
                json!([["a", "b", "c"]]),
                "`inputs[0]` is a list of 3, expected a text or a pair",
            ),
            (
                json!([["a", true]]),
                "`inputs[0][1]` is a truth value, expected a string",
            ),
            (json!([{"txt": "a"}]), "unknown key `txt` in `inputs[0]`"),
            (json!({"text_b": "b"}), "`inputs` needs `text`"),
            (json!({"text": null}), "`inputs.text` is null"),
            (json!({"text": ["a"]}), "`inputs.text` is a list"),
        ] {
            let error = Inputs::parse(value).unwrap_err();
            assert_eq!(error.status, 422);
            assert!(
                error.body.error.starts_with(expected),
                "{}",
                error.body.error
            );
        }
    }

    #[test]
    fn limits_hold_for_numbers_and_for_nothing() {
        for (value, status) in [
            (json!([]), 400),
            (json!(""), 400),
            (json!(["a", ""]), 400),
            (json!([["", ""]]), 400),
            (json!(["a", "b", "c"]), 413),
        ] {
            let error = Inputs::parse(value).unwrap().check(2).unwrap_err();
            assert_eq!(error.status, status);
        }
        assert!(
            Inputs::parse(json!([" ", ["a", ""]]))
                .unwrap()
                .check(2)
                .is_ok()
        );
    }
}
