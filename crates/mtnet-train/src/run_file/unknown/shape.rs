//! A node of a JSON schema as the list of shapes that a value may have.
//!
//! `$ref`, `allOf`, `anyOf` and `oneOf` are multiplied out, so that a tagged enum flattened into a
//! struct becomes one shape a variant, each with the keys of both.

use std::collections::BTreeSet;

use serde_json::Value;

/// One shape: what a value of it is, and which keys a table of it has.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape<'s> {
    /// JSON types; `None` for any.
    kinds: Option<BTreeSet<&'s str>>,
    /// The only strings it may be; `None` for any.
    pub constants: Option<Vec<&'s str>>,
    /// Keys with the schemas of their values, in the order of the type.
    pub properties: Vec<(&'s str, &'s Value)>,
    /// Keys that must be there.
    pub required: Vec<&'s str>,
    /// Schema of the elements of a list.
    pub items: Option<&'s Value>,
    /// Least number of elements of a list.
    pub min_items: Option<u64>,
    /// Least number.
    pub minimum: Option<f64>,
    /// Largest number.
    pub maximum: Option<f64>,
    /// What keys outside `properties` mean.
    pub others: Others<'s>,
}

/// Keys that a table's schema does not name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Others<'s> {
    /// Nothing is said: refused where keys are named, since serde cannot say so of a struct with
    /// flattened parts.
    #[default]
    Unstated,
    /// Anything goes.
    Open,
    /// Each is a value of this schema.
    Values(&'s Value),
}

/// The shapes of `node`, whose references are found in `root`.
pub(super) fn shapes<'s>(root: &'s Value, node: &'s Value) -> Vec<Shape<'s>> {
    let mut product = vec![Shape::own(node)];
    if let Some(target) = node.get("$ref").and_then(Value::as_str) {
        let target = root
            .pointer(target.trim_start_matches('#'))
            .unwrap_or(&Value::Null);
        product = multiply(&product, &shapes(root, target));
    }
    for part in list(node, "allOf") {
        product = multiply(&product, &shapes(root, part));
    }
    for choice in ["anyOf", "oneOf"] {
        let sum: Vec<Shape<'s>> = list(node, choice)
            .flat_map(|part| shapes(root, part))
            .collect();
        if !sum.is_empty() {
            product = multiply(&product, &sum);
        }
    }
    product
}

impl<'s> Shape<'s> {
    /// The shape of any value.
    pub fn open() -> Self {
        Self {
            others: Others::Open,
            ..Self::default()
        }
    }

    /// What the keywords of `node` itself say.
    fn own(node: &'s Value) -> Self {
        let kinds = match node.get("type") {
            Some(Value::String(kind)) => Some(BTreeSet::from([kind.as_str()])),
            Some(Value::Array(kinds)) => Some(kinds.iter().filter_map(Value::as_str).collect()),
            _ => None,
        };
        let constants = match (node.get("const").and_then(Value::as_str), node.get("enum")) {
            (Some(constant), _) => Some(vec![constant]),
            (None, Some(Value::Array(constants))) => {
                Some(constants.iter().filter_map(Value::as_str).collect())
            }
            _ => None,
        };
        let properties = node.get("properties").and_then(Value::as_object);
        let others = match node.get("additionalProperties") {
            Some(Value::Bool(true)) => Others::Open,
            Some(values @ Value::Object(_)) => Others::Values(values),
            // A comment stands for settings that the schema cannot state.
            _ if node.get("$comment").is_some() => Others::Open,
            _ => Others::Unstated,
        };
        Self {
            kinds,
            constants,
            properties: properties
                .map(|map| map.iter().map(|(key, node)| (key.as_str(), node)).collect())
                .unwrap_or_default(),
            required: list(node, "required").filter_map(Value::as_str).collect(),
            items: node.get("items"),
            min_items: node.get("minItems").and_then(Value::as_u64),
            minimum: node.get("minimum").and_then(Value::as_f64),
            maximum: node.get("maximum").and_then(Value::as_f64),
            others,
        }
    }

    /// Whether a value of that JSON type can have this shape.
    pub fn fits(&self, kind: &str) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| {
            kinds.contains(kind) || (kind == "integer" && kinds.contains("number"))
        })
    }

    /// Whether keys that it does not name are refused.
    pub fn is_closed(&self) -> bool {
        matches!(self.others, Others::Unstated) && !self.properties.is_empty()
    }

    /// The schema of a key's value.
    pub fn property(&self, key: &str) -> Option<&'s Value> {
        self.properties
            .iter()
            .find(|(name, _)| *name == key)
            .map(|&(_, node)| node)
    }

    /// What a value of this shape is, in words; nothing for JSON's null, which TOML lacks.
    pub fn describe(&self) -> Vec<String> {
        if let Some(constants) = &self.constants {
            return constants
                .iter()
                .map(|constant| format!("`{constant}`"))
                .collect();
        }
        let Some(kinds) = &self.kinds else {
            return vec!["any value".to_owned()];
        };
        let words = kinds.iter().filter_map(|&kind| match kind {
            "string" => Some("a string".to_owned()),
            "integer" | "number" => Some(self.describe_number(kind)),
            "boolean" => Some("true or false".to_owned()),
            "array" => Some("a list".to_owned()),
            "object" => Some("a table".to_owned()),
            _ => None,
        });
        words.collect()
    }

    /// A number with its range in words.
    pub fn describe_number(&self, kind: &str) -> String {
        let noun = if kind == "integer" {
            "a whole number"
        } else {
            "a number"
        };
        match (self.minimum, self.maximum) {
            (Some(least), Some(most)) => format!("{noun} from {least} to {most}"),
            (Some(least), None) => format!("{noun}, at least {least}"),
            (None, Some(most)) => format!("{noun}, at most {most}"),
            (None, None) => noun.to_owned(),
        }
    }

    /// The shape of values that have both shapes.
    fn and(&self, other: &Self) -> Self {
        let kinds = match (&self.kinds, &other.kinds) {
            (Some(a), Some(b)) => Some(a.intersection(b).copied().collect()),
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        Self {
            kinds,
            constants: other.constants.clone().or_else(|| self.constants.clone()),
            properties: self
                .properties
                .iter()
                .chain(&other.properties)
                .copied()
                .collect(),
            required: self
                .required
                .iter()
                .chain(&other.required)
                .copied()
                .collect(),
            items: other.items.or(self.items),
            min_items: other.min_items.or(self.min_items),
            minimum: other.minimum.or(self.minimum),
            maximum: other.maximum.or(self.maximum),
            others: match (self.others, other.others) {
                (others, Others::Unstated) | (_, others) => others,
            },
        }
    }
}

fn multiply<'s>(left: &[Shape<'s>], right: &[Shape<'s>]) -> Vec<Shape<'s>> {
    left.iter()
        .flat_map(|a| right.iter().map(|b| a.and(b)))
        .collect()
}

fn list<'s>(node: &'s Value, key: &str) -> impl Iterator<Item = &'s Value> {
    node.get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
