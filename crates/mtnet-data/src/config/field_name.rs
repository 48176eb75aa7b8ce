//! The name of a column, key or comment of a data file.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// A column of a table, a key of an object, a comment or column of a sentence.
///
/// In a file without a header it is the column's number from 0, and a run file may write it as
/// a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FieldName(String);

impl FieldName {
    /// That name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for FieldName {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = FieldName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name or a column number from 0")
            }

            fn visit_str<E>(self, name: &str) -> Result<FieldName, E> {
                Ok(FieldName::new(name))
            }

            fn visit_u64<E>(self, column: u64) -> Result<FieldName, E> {
                Ok(FieldName(column.to_string()))
            }

            fn visit_i64<E: serde::de::Error>(self, column: i64) -> Result<FieldName, E> {
                u64::try_from(column)
                    .map(|column| FieldName(column.to_string()))
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(column), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for FieldName {
    fn schema_name() -> Cow<'static, str> {
        "FieldName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A field of a data file; in a file without a header its column number from 0.",
            "anyOf": [{ "type": "string" }, { "type": "integer", "minimum": 0 }]
        })
    }
}
