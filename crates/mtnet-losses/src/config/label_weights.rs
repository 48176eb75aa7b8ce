//! Weights of labels in a run file: a word or a list of numbers.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::LossError;
use crate::settings::{check_weights, check_weights_of};

/// How much each label counts: `"none"`, `"balanced"` or one number a label.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LabelWeights {
    /// All count the same.
    #[default]
    None,
    /// Rare labels count more, by their number in the training data.
    Balanced,
    /// These weights, in the order of the labels.
    Given(Vec<f64>),
}

impl LabelWeights {
    /// Whether the numbers are in range.
    pub(crate) fn check(&self, setting: &'static str) -> Result<(), LossError> {
        match self {
            Self::Given(weights) => check_weights(setting, weights),
            Self::None | Self::Balanced => Ok(()),
        }
    }

    /// The weights of `labels` labels, with `balanced` computed if asked for.
    pub(crate) fn resolve(
        &self,
        setting: &'static str,
        labels: usize,
        balanced: impl FnOnce() -> Vec<f64>,
    ) -> Result<Option<Vec<f64>>, LossError> {
        match self {
            Self::None => Ok(None),
            Self::Balanced => Ok(Some(balanced())),
            Self::Given(weights) => {
                check_weights_of(setting, Some(weights), labels)?;
                Ok(Some(weights.clone()))
            }
        }
    }
}

impl Serialize for LabelWeights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::Balanced => serializer.serialize_str("balanced"),
            Self::Given(weights) => weights.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for LabelWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LabelWeightsVisitor)
    }
}

/// Written by hand, for an untagged enum could not say what it expected.
struct LabelWeightsVisitor;

impl<'de> Visitor<'de> for LabelWeightsVisitor {
    type Value = LabelWeights;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("\"none\", \"balanced\" or a list of numbers, one a label")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<LabelWeights, E> {
        match word {
            "none" => Ok(LabelWeights::None),
            "balanced" => Ok(LabelWeights::Balanced),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<LabelWeights, A::Error> {
        let mut weights = Vec::with_capacity(list.size_hint().unwrap_or(0).min(1024));
        while let Some(weight) = list.next_element()? {
            weights.push(weight);
        }
        Ok(LabelWeights::Given(weights))
    }
}

impl JsonSchema for LabelWeights {
    fn schema_name() -> Cow<'static, str> {
        "LabelWeights".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How much each label counts: `none`, `balanced` or one number a label.",
            "anyOf": [
                { "type": "string", "enum": ["none", "balanced"] },
                { "type": "array", "items": { "type": "number", "minimum": 0 }, "minItems": 1 },
            ],
        })
    }
}
