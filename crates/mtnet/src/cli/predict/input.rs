//! One input: a text, a pair of texts, or words, with an identity that its answer carries.

use mtnet::model::PredictInput;
use serde_json::{Map, Value};

/// What is asked about.
#[derive(Debug, PartialEq)]
pub struct Input {
    /// The value of `id`, put back into the answer.
    pub id: Option<Value>,
    /// The text or texts.
    pub input: PredictInput,
}

impl Input {
    /// A line that is the text itself.
    pub fn from_text(line: &str) -> Self {
        Self {
            id: None,
            input: PredictInput::text(line),
        }
    }

    /// A line of JSON: a string, or an object with `text`, with `text` and `text_b`, or with
    /// `tokens`. Where there is a `text`, `tokens` are not looked at; nor are other keys.
    ///
    /// # Errors
    /// What was found and what was expected, in words.
    pub fn from_json(line: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| {
            let at = format!(" at line {} column {}", error.line(), error.column());
            let problem = error.to_string().replace(&at, "");
            format!(
                "column {}: {problem}; expected a JSON string or object",
                error.column()
            )
        })?;
        match value {
            Value::String(text) => Ok(Self {
                id: None,
                input: PredictInput::text(text),
            }),
            Value::Object(object) => Self::from_object(object),
            other => Err(format!(
                "found {}, expected a string or an object with `text`",
                kind(&other)
            )),
        }
    }

    fn from_object(mut object: Map<String, Value>) -> Result<Self, String> {
        let id = object.remove("id");
        let text = string(&mut object, "text")?;
        let second = string(&mut object, "text_b")?;
        let input = match (text, second, object.remove("tokens")) {
            (Some(text), Some(second), _) => PredictInput::pair(text, second),
            (Some(text), None, _) => PredictInput::text(text),
            (None, None, Some(tokens)) => PredictInput::words(&words(tokens)?),
            (None, Some(_), _) => return Err("found `text_b` without `text`".to_owned()),
            (None, None, None) => {
                let found: Vec<&str> = object.keys().map(String::as_str).collect();
                let found = if found.is_empty() {
                    "no other key".to_owned()
                } else {
                    format!("`{}`", found.join("`, `"))
                };
                return Err(format!("no `text` and no `tokens`; found {found}"));
            }
        };
        Ok(Self { id, input })
    }
}

fn string(object: &mut Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match object.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("`{key}` is {}, expected a string", kind(&other))),
    }
}

fn words(tokens: Value) -> Result<Vec<String>, String> {
    let Value::Array(tokens) = tokens else {
        return Err(format!(
            "`tokens` is {}, expected a list of strings",
            kind(&tokens)
        ));
    };
    let words = tokens
        .into_iter()
        .enumerate()
        .map(|(position, token)| match token {
            Value::String(word) => Ok(word),
            other => Err(format!(
                "token {position} of `tokens` is {}, expected a string",
                kind(&other)
            )),
        });
    words.collect()
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

    #[test]
    fn inputs_are_read_in_every_form() {
        for (line, id, input) in [
            (r#""a b""#, None, PredictInput::text("a b")),
            (
                r#"{"text": "a b", "tokens": ["a"], "other": 1}"#,
                None,
                PredictInput::text("a b"),
            ),
            (
                r#"{"id": 7, "text": "a", "text_b": "b"}"#,
                Some(json!(7)),
                PredictInput::pair("a", "b"),
            ),
            (
                r#"{"tokens": ["标签", "b"], "id": "x"}"#,
                Some(json!("x")),
                PredictInput::words(&["标签", "b"]),
            ),
        ] {
            assert_eq!(Input::from_json(line), Ok(Input { id, input }));
        }
        assert_eq!(
            Input::from_text("{"),
            Input {
                id: None,
                input: PredictInput::text("{")
            }
        );
    }

    #[test]
    fn a_line_that_is_no_input_says_why() {
        for (line, expected) in [
            (
                r#"{"text": "#,
                "column 9: EOF while parsing a value; expected a JSON string or object",
            ),
            (
                "3",
                "found a number, expected a string or an object with `text`",
            ),
            (
                r#"{"txt": "a", "id": 1}"#,
                "no `text` and no `tokens`; found `txt`",
            ),
            ("{}", "no `text` and no `tokens`; found no other key"),
            (r#"{"text": 3}"#, "`text` is a number, expected a string"),
            (r#"{"text_b": "b"}"#, "found `text_b` without `text`"),
            (
                r#"{"tokens": "a b"}"#,
                "`tokens` is a string, expected a list of strings",
            ),
            (
                r#"{"tokens": ["a", null]}"#,
                "token 1 of `tokens` is null, expected a string",
            ),
        ] {
            assert_eq!(Input::from_json(line).unwrap_err(), expected);
        }
    }
}
