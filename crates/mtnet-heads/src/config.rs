//! The head of a task as a run file states it: a name, or a table with `type` and settings.

use std::borrow::Cow;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ClassificationConfig, HeadError, MultiLabelConfig, QuestionAnsweringConfig, RegressionConfig,
    TokenClassificationConfig,
};

/// Which head a task has, with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Value")]
pub enum HeadConfig {
    /// One label a text.
    Classification(ClassificationConfig),
    /// Any number of labels a text.
    MultiLabel(MultiLabelConfig),
    /// A span of a text that answers a question.
    QuestionAnswering(QuestionAnsweringConfig),
    /// Numbers for a text.
    Regression(RegressionConfig),
    /// One tag a word.
    TokenClassification(TokenClassificationConfig),
    /// A head that a program has registered.
    Custom(CustomHead),
}

/// A head outside the built-in kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomHead {
    /// The name it is registered under.
    pub kind: String,
    /// Its settings, for its builder to read.
    pub settings: Map<String, Value>,
}

/// Names of the built-in kinds.
pub(crate) const BUILT_IN: [&str; 5] = [
    "classification",
    "multi-label",
    "question-answering",
    "regression",
    "token-classification",
];

impl HeadConfig {
    /// The type as a run file writes it.
    pub fn kind(&self) -> &str {
        match self {
            Self::Classification(_) => BUILT_IN[0],
            Self::MultiLabel(_) => BUILT_IN[1],
            Self::QuestionAnswering(_) => BUILT_IN[2],
            Self::Regression(_) => BUILT_IN[3],
            Self::TokenClassification(_) => BUILT_IN[4],
            Self::Custom(custom) => &custom.kind,
        }
    }

    /// Tokens that windows of a long pair share, for a head that reads all of it.
    pub fn overlap(&self) -> Option<usize> {
        match self {
            Self::QuestionAnswering(config) => Some(config.overlap),
            _ => None,
        }
    }

    fn from_parts(kind: String, settings: Map<String, Value>) -> Result<Self, HeadError> {
        fn read<T: serde::de::DeserializeOwned>(
            kind: &str,
            settings: Map<String, Value>,
        ) -> Result<T, HeadError> {
            serde_json::from_value(Value::Object(settings)).map_err(|error| HeadError::Settings {
                kind: kind.to_owned(),
                message: error.to_string(),
            })
        }
        Ok(match kind.as_str() {
            "classification" => Self::Classification(read(&kind, settings)?),
            "multi-label" => Self::MultiLabel(read(&kind, settings)?),
            "question-answering" => Self::QuestionAnswering(read(&kind, settings)?),
            "regression" => Self::Regression(read(&kind, settings)?),
            "token-classification" => Self::TokenClassification(read(&kind, settings)?),
            _ => Self::Custom(CustomHead { kind, settings }),
        })
    }
}

impl FromStr for HeadConfig {
    type Err = HeadError;

    /// The head of that type with default settings.
    fn from_str(kind: &str) -> Result<Self, HeadError> {
        Self::from_parts(kind.to_owned(), Map::new())
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "the type of a head, or a table with `type` and its settings"
)]
enum Written {
    Kind(String),
    Table {
        #[serde(rename = "type")]
        kind: String,
        #[serde(flatten)]
        settings: Map<String, Value>,
    },
}

impl TryFrom<Written> for HeadConfig {
    type Error = HeadError;

    fn try_from(written: Written) -> Result<Self, HeadError> {
        match written {
            Written::Kind(kind) => Self::from_parts(kind, Map::new()),
            Written::Table { kind, settings } => Self::from_parts(kind, settings),
        }
    }
}

impl From<HeadConfig> for Value {
    fn from(config: HeadConfig) -> Self {
        let settings = match &config {
            HeadConfig::Classification(settings) => serde_json::to_value(settings),
            HeadConfig::MultiLabel(settings) => serde_json::to_value(settings),
            HeadConfig::QuestionAnswering(settings) => serde_json::to_value(settings),
            HeadConfig::Regression(settings) => serde_json::to_value(settings),
            HeadConfig::TokenClassification(settings) => serde_json::to_value(settings),
            HeadConfig::Custom(custom) => Ok(Value::Object(custom.settings.clone())),
        };
        let mut table = Map::from_iter([("type".to_owned(), Value::from(config.kind()))]);
        if let Ok(Value::Object(settings)) = settings {
            table.extend(settings);
        }
        Value::Object(table)
    }
}

impl JsonSchema for HeadConfig {
    fn schema_name() -> Cow<'static, str> {
        "HeadConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let settings = [
            ClassificationConfig::json_schema(generator),
            MultiLabelConfig::json_schema(generator),
            QuestionAnsweringConfig::json_schema(generator),
            RegressionConfig::json_schema(generator),
            TokenClassificationConfig::json_schema(generator),
        ];
        let mut forms = vec![serde_json::json!({ "type": "string", "examples": BUILT_IN })];
        for (kind, mut table) in BUILT_IN.iter().zip(settings) {
            let table = table.ensure_object();
            if let Some(Value::Object(properties)) = table.get_mut("properties") {
                properties.insert("type".to_owned(), serde_json::json!({ "const": kind }));
            }
            table.insert("required".to_owned(), serde_json::json!(["type"]));
            forms.push(Value::Object(table.clone()));
        }
        // A head that a program has registered reads its own settings.
        forms.push(serde_json::json!({
            "type": "object",
            "properties": { "type": { "type": "string", "not": { "enum": BUILT_IN } } },
            "required": ["type"],
            "additionalProperties": true
        }));
        json_schema!({
            "description": "The head of a task: its type, or a table with `type` and settings.",
            "anyOf": forms,
        })
    }
}
