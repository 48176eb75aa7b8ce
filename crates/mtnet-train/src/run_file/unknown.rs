//! Unknown and missing keys and values of the wrong type, found by holding the raw tables against
//! the JSON schema of the run file.
//!
//! serde alone would do, but not well: it forgets where a value stood once a struct has flattened
//! parts, and cannot refuse unknown keys of such a struct at all.

mod shape;
mod words;

use std::ops::Range;

use mtnet_core::nearest;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use self::shape::{Others, Shape, shapes};
use self::words::{any_of, describe, distinct, kind, number};
use super::RunFileError;
use super::check::RunFileProblem;
use super::load::{Places, entry_name};

/// Holds `root` against `schema`.
///
/// # Errors
/// With the first mistake.
pub(super) fn check(
    schema: &Value,
    root: &DeTable<'_>,
    places: &Places,
) -> Result<(), RunFileError> {
    let walk = Walk { schema, places };
    walk.table(shapes(schema, schema), &KeyPath::default(), root, None)
}

struct Walk<'s> {
    schema: &'s Value,
    places: &'s Places,
}

/// Keys from the outermost, with dots between them.
#[derive(Clone, Debug, Default)]
struct KeyPath(String);

impl KeyPath {
    fn child(&self, key: &str) -> Self {
        if self.0.is_empty() {
            Self(key.to_owned())
        } else {
            Self(format!("{}.{key}", self.0))
        }
    }
}

impl<'s> Walk<'s> {
    fn value(
        &self,
        node: &'s Value,
        path: &KeyPath,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), RunFileError> {
        let all = shapes(self.schema, node);
        let kind = kind(value.get_ref());
        let fitting: Vec<Shape<'s>> = all
            .iter()
            .filter(|shape| shape.fits(kind))
            .cloned()
            .collect();
        let refuse = |expected: String, nearest: Option<&str>| {
            let problem = RunFileProblem::Value {
                key: path.0.clone(),
                found: describe(value.get_ref()),
                expected,
                nearest: nearest.map(str::to_owned),
            };
            Err(self.mistake(Some(value.span()), problem))
        };
        if fitting.is_empty() {
            return refuse(any_of(all.iter().flat_map(Shape::describe)), None);
        }
        match value.get_ref() {
            DeValue::String(text) => {
                let constants: Option<Vec<&str>> = fitting
                    .iter()
                    .map(|shape| shape.constants.clone())
                    .collect::<Option<Vec<_>>>()
                    .map(|lists| lists.concat());
                match constants {
                    Some(known) if !known.contains(&text.as_ref()) => refuse(
                        any_of(all.iter().flat_map(Shape::describe)),
                        nearest(text, known),
                    ),
                    _ => Ok(()),
                }
            }
            DeValue::Integer(_) | DeValue::Float(_) => match number(value.get_ref()) {
                Some(number) if !fitting.iter().any(|shape| in_range(shape, number)) => refuse(
                    any_of(fitting.iter().map(|shape| shape.describe_number(kind))),
                    None,
                ),
                _ => Ok(()),
            },
            DeValue::Array(entries) => {
                let least = fitting
                    .iter()
                    .filter_map(|shape| shape.min_items)
                    .min()
                    .unwrap_or(0);
                if (entries.len() as u64) < least {
                    return refuse(format!("a list with at least {least}"), None);
                }
                let nodes: Vec<&Value> = fitting.iter().filter_map(|shape| shape.items).collect();
                entries.iter().enumerate().try_for_each(|(index, entry)| {
                    let path = match entry_name(entry.get_ref()) {
                        Some(name) => path.child(name),
                        None => path.child(&index.to_string()),
                    };
                    self.any(&nodes, &path, entry)
                })
            }
            DeValue::Table(table) => self.table(fitting, path, table, Some(value.span())),
            DeValue::Boolean(_) | DeValue::Datetime(_) => Ok(()),
        }
    }

    /// A value that one of several schemas must allow.
    fn any(
        &self,
        nodes: &[&'s Value],
        path: &KeyPath,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), RunFileError> {
        let mut first = Ok(());
        for node in nodes {
            match self.value(node, path, value) {
                Ok(()) => return Ok(()),
                Err(error) if first.is_ok() => first = Err(error),
                Err(_) => {}
            }
        }
        first
    }

    fn table(
        &self,
        candidates: Vec<Shape<'s>>,
        path: &KeyPath,
        table: &DeTable<'_>,
        span: Option<Range<usize>>,
    ) -> Result<(), RunFileError> {
        let candidates = self.chosen(candidates, path, table)?;
        let known = distinct(
            candidates
                .iter()
                .flat_map(|shape| shape.properties.iter().map(|&(key, _)| key)),
        );
        let is_unknown = |key: &&Spanned<DeString<'_>>| !known.contains(&key.get_ref().as_ref());
        if candidates.iter().all(Shape::is_closed)
            && let Some(key) = table.keys().find(is_unknown)
        {
            let problem = RunFileProblem::UnknownKey {
                key: path.child(key.get_ref()).0,
                nearest: nearest(key.get_ref(), known.iter().copied()).map(str::to_owned),
                known: known.iter().map(|key| (*key).to_owned()).collect(),
            };
            return Err(self.mistake(Some(key.span()), problem));
        }
        let missing = known.iter().find(|key| {
            !table.contains_key(**key)
                && candidates.iter().all(|shape| shape.required.contains(key))
        });
        if let Some(key) = missing {
            return Err(self.mistake(span, self.missing(&candidates, path, key)));
        }
        for (key, value) in table {
            let mut nodes: Vec<&Value> = candidates
                .iter()
                .filter_map(|shape| shape.property(key.get_ref()))
                .collect();
            if nodes.is_empty() {
                nodes.extend(candidates.iter().filter_map(|shape| match shape.others {
                    Others::Values(node) => Some(node),
                    Others::Unstated | Others::Open => None,
                }));
            }
            self.any(&nodes, &path.child(key.get_ref()), value)?;
        }
        Ok(())
    }

    /// The variants that a table's tags (keys with a constant for each variant) leave.
    fn chosen(
        &self,
        candidates: Vec<Shape<'s>>,
        path: &KeyPath,
        table: &DeTable<'_>,
    ) -> Result<Vec<Shape<'s>>, RunFileError> {
        let mut left = candidates.clone();
        let keys = distinct(
            candidates
                .iter()
                .flat_map(|shape| shape.properties.iter().map(|&(key, _)| key)),
        );
        for tag in keys {
            let Some(value) = table.get(tag) else {
                continue;
            };
            let Some(text) = value.get_ref().as_str() else {
                continue;
            };
            let before = left.clone();
            left.retain(|shape| {
                self.constants(shape, tag)
                    .is_none_or(|constants| constants.contains(&text))
            });
            if !left.is_empty() {
                continue;
            }
            if candidates.iter().any(|shape| !shape.is_closed()) {
                return Ok(vec![Shape::open()]);
            }
            let known: Vec<&str> = before
                .iter()
                .filter_map(|shape| self.constants(shape, tag))
                .flatten()
                .collect();
            let problem = RunFileProblem::Value {
                key: path.child(tag).0,
                found: describe(value.get_ref()),
                expected: any_of(known.iter().map(|constant| format!("`{constant}`"))),
                nearest: nearest(text, known).map(str::to_owned),
            };
            return Err(self.mistake(Some(value.span()), problem));
        }
        Ok(left)
    }

    /// The strings that a key of a shape is restricted to.
    fn constants(&self, shape: &Shape<'s>, key: &str) -> Option<Vec<&'s str>> {
        let lists: Option<Vec<Vec<&str>>> = shapes(self.schema, shape.property(key)?)
            .into_iter()
            .map(|shape| shape.constants)
            .collect();
        lists.map(|lists| lists.concat())
    }

    /// A problem at these positions, or of the whole file.
    fn mistake(&self, span: Option<Range<usize>>, problem: RunFileProblem) -> RunFileError {
        let place = span.map_or_else(|| self.places.file(), |span| self.places.place(&span));
        RunFileError::new(place, problem)
    }

    fn missing(&self, candidates: &[Shape<'s>], path: &KeyPath, key: &str) -> RunFileProblem {
        let nodes: Vec<&Value> = candidates
            .iter()
            .filter_map(|shape| shape.property(key))
            .collect();
        let name = path.child(key).0;
        let of = |kind: &str| {
            let shapes = nodes.iter().flat_map(|node| shapes(self.schema, node));
            shapes
                .into_iter()
                .all(|shape| shape.fits(kind) && !shape.fits("string"))
        };
        let header = if of("object") {
            format!("table `[{name}]`")
        } else if path.0.is_empty() && of("array") {
            format!("table `[[{name}]]`")
        } else {
            format!("key `{name}`")
        };
        let tags: Option<Vec<Vec<&str>>> = candidates
            .iter()
            .map(|shape| self.constants(shape, key))
            .collect();
        let meaning = match tags {
            Some(tags) => any_of(tags.concat().iter().map(|constant| format!("`{constant}`"))),
            None => nodes
                .first()
                .map_or_else(String::new, |node| self.meaning(node)),
        };
        RunFileProblem::MissingKey {
            key: header,
            meaning,
        }
    }

    /// The first sentence of a schema's description.
    fn meaning(&self, node: &Value) -> String {
        let own = node.get("description").and_then(Value::as_str);
        let target = node.get("$ref").and_then(Value::as_str).and_then(|target| {
            self.schema
                .pointer(target.trim_start_matches('#'))?
                .get("description")?
                .as_str()
        });
        let text = own.or(target).unwrap_or_default();
        let sentence = text
            .split(". ")
            .next()
            .unwrap_or_default()
            .trim_end_matches('.')
            .replace('\n', " ");
        let mut letters = sentence.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_lowercase().chain(letters).collect()
        })
    }
}

fn in_range(shape: &Shape<'_>, number: f64) -> bool {
    shape.minimum.is_none_or(|least| number >= least)
        && shape.maximum.is_none_or(|most| number <= most)
}

#[cfg(test)]
mod tests;
