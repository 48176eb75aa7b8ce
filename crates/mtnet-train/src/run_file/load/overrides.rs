//! Overrides of the command line: `train.learning_rate=3e-5`, merged into the run file's tables.
//!
//! A key is a path of table keys; an entry of a list of tables is addressed by its `name`, or by its
//! number from 0: `dataset.ewt.train=other.conllu`. The value is TOML, or else a string as it stands.

use std::ops::Range;

use mtnet_core::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::RunFileError;
use super::super::check::RunFileProblem;
use super::source::Source;

/// A value laid out at the positions that it has in the [`Source`].
#[derive(Debug)]
pub(super) struct Override<'a> {
    /// The whole override.
    text: &'a str,
    /// Where it begins in the source.
    start: usize,
    /// Keys from the outermost.
    keys: Vec<&'a str>,
    /// A TOML document `v=VALUE` whose value begins at its position in the source.
    document: String,
    /// Where the value begins in `text`.
    value_start: usize,
}

/// Takes the source's overrides apart.
///
/// # Errors
/// With the first that is no override.
pub(super) fn read(source: &Source) -> Result<Vec<Override<'_>>, RunFileError> {
    source
        .overrides()
        .map(|(start, text)| {
            let refuse = |problem| error(source, start..start + text.len(), problem);
            Override::new(start, text).map_err(refuse)
        })
        .collect()
}

/// Puts the overrides into `root` one after the other.
///
/// # Errors
/// With the first that addresses nothing.
pub(super) fn apply<'a>(
    source: &Source,
    overrides: &'a [Override<'a>],
    root: &mut DeTable<'a>,
) -> Result<(), RunFileError> {
    overrides.iter().try_for_each(|part| {
        let refuse = |problem| error(source, part.range(), problem);
        part.apply(root).map_err(refuse)
    })
}

fn error(source: &Source, range: Range<usize>, problem: String) -> RunFileError {
    RunFileError::new(source.place(&range), RunFileProblem::Override { problem })
}

impl<'a> Override<'a> {
    fn new(start: usize, text: &'a str) -> Result<Self, String> {
        let (path, value) = text
            .split_once('=')
            .ok_or("expected KEY=VALUE, such as train.learning_rate=3e-5")?;
        let keys: Vec<&str> = path.split('.').map(str::trim).collect();
        if keys.iter().any(|key| key.is_empty()) {
            return Err(format!(
                "`{path}` is no key; expected names with dots between them"
            ));
        }
        if keys.len() == 1 {
            return Err(format!("`{path}` is a table; expected {path}.KEY=VALUE"));
        }
        let value_start = path.len() + 1;
        let indent = " ".repeat(start + value_start - 2);
        let document = format!("{indent}v={value}");
        Ok(Self {
            text,
            start,
            keys,
            document,
            value_start,
        })
    }

    /// Where it lies in the source.
    fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn value(&'a self) -> Spanned<DeValue<'a>> {
        let one = |document: &'a str| {
            let table = DeTable::parse(document).ok()?.into_inner();
            (table.len() == 1)
                .then(|| table.into_iter().next())
                .flatten()
        };
        match one(&self.document) {
            Some((_, value)) => value,
            None => {
                let text = &self.text[self.value_start..];
                let start = self.start + self.value_start;
                Spanned::new(start..start + text.len(), DeValue::String(text.into()))
            }
        }
    }

    /// Puts the value into `root`, making tables that are not there.
    fn apply(&'a self, root: &mut DeTable<'a>) -> Result<(), String> {
        let (last, path) = self.keys.split_last().expect("`read` gives keys");
        let mut table = root;
        let mut rest = path.iter();
        let mut at = String::new();
        while let Some(&key) = rest.next() {
            if !at.is_empty() {
                at.push('.');
            }
            at.push_str(key);
            let new_table = || Spanned::new(self.range(), DeValue::Table(DeTable::new()));
            let key = Spanned::new(self.range(), key.into());
            let value = table.entry(key).or_insert_with(new_table).get_mut();
            table = match value {
                DeValue::Table(table) => table,
                DeValue::Array(entries) => {
                    let Some(&name) = rest.next() else {
                        return Err(format!(
                            "`{at}` is a list; address an entry by its name, {at}.NAME.{last}=VALUE"
                        ));
                    };
                    let index =
                        entry(entries, name).ok_or_else(|| unknown_entry(&at, entries, name))?;
                    at = format!("{at}.{name}");
                    match entries.get_mut(index).map(Spanned::get_mut) {
                        Some(DeValue::Table(table)) => table,
                        _ => {
                            return Err(format!("`{at}` is no table, so it has no key `{last}`"));
                        }
                    }
                }
                _ => {
                    return Err(format!("`{at}` is no table, so it has no key `{last}`"));
                }
            };
        }
        let key = Spanned::new(self.range(), (*last).into());
        table.insert(key, self.value());
        Ok(())
    }
}

/// Index of the entry with that name, or else that number.
fn entry(entries: &[Spanned<DeValue<'_>>], name: &str) -> Option<usize> {
    entries
        .iter()
        .position(|entry| entry_name(entry.get_ref()) == Some(name))
        .or_else(|| {
            name.parse()
                .ok()
                .filter(|&index: &usize| index < entries.len())
        })
}

/// The `name` of a table.
pub(in super::super) fn entry_name<'v>(entry: &'v DeValue<'_>) -> Option<&'v str> {
    entry.get("name").and_then(|name| name.get_ref().as_str())
}

fn unknown_entry(at: &str, entries: &[Spanned<DeValue<'_>>], name: &str) -> String {
    let names: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry_name(entry.get_ref()))
        .collect();
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => format!(
            "its entries are numbered from 0 to {}",
            entries.len().saturating_sub(1)
        ),
        None => format!("there are `{}`", names.join("`, `")),
    };
    format!("no `[[{at}]]` named `{name}`; {hint}")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    const TEXT: &str = r#"
[train]
epochs = 3

[[dataset]]
name = "ewt"
train = "a.conllu"
join = [{ on = "id" }]

[[dataset]]
name = "snips"
"#;

    fn apply(overrides: &[&str]) -> Result<toml::Table, String> {
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        let source = Source::new("run.toml".as_ref(), TEXT, &overrides);
        let message = |error: RunFileError| error.to_string();
        let overrides = read(&source).map_err(message)?;
        let mut root = DeTable::parse(TEXT).unwrap();
        super::apply(&source, &overrides, root.get_mut()).map_err(message)?;
        Ok(toml::Table::deserialize(toml::de::Deserializer::from(root)).unwrap())
    }

    #[test]
    fn values_are_toml_or_else_strings() {
        let table = apply(&[
            "train.epochs=0.5",
            "train.learning_rate = 3e-5",
            "dataset.ewt.train=other dir/b=c.conllu",
            "dataset.ewt.join.0.on=\"sent_id\"",
            "dataset.1.train=[\"x\", \"y\"]",
            "run.name=a\nb = 1",
            "encoder.preset=",
        ])
        .unwrap();
        let expected: toml::Table = toml::from_str(
            r#"
            train = { epochs = 0.5, learning_rate = 3e-5 }
            run.name = "a\nb = 1"
            encoder.preset = ""
            [[dataset]]
            name = "ewt"
            train = "other dir/b=c.conllu"
            join = [{ on = "sent_id" }]
            [[dataset]]
            name = "snips"
            train = ["x", "y"]
            "#,
        )
        .unwrap();
        assert_eq!(table, expected);
    }

    #[test]
    fn an_override_that_addresses_nothing_is_refused() {
        for (text, problem) in [
            (
                "train.epochs",
                "expected KEY=VALUE, such as train.learning_rate=3e-5",
            ),
            (
                "train..epochs=1",
                "`train..epochs` is no key; expected names with dots between them",
            ),
            ("train=1", "`train` is a table; expected train.KEY=VALUE"),
            (
                "train.epochs.x=1",
                "`train.epochs` is no table, so it has no key `x`",
            ),
            (
                "dataset.train=x",
                "`dataset` is a list; address an entry by its name, dataset.NAME.train=VALUE",
            ),
            (
                "dataset.ewtt.train=x",
                "no `[[dataset]]` named `ewtt`; did you mean `ewt`?",
            ),
            (
                "dataset.2.train=x",
                "no `[[dataset]]` named `2`; there are `ewt`, `snips`",
            ),
            (
                "dataset.ewt.join.1.on=x",
                "no `[[dataset.ewt.join]]` named `1`; its entries are numbered from 0 to 0",
            ),
        ] {
            let message = apply(&["train.epochs=1", text]).unwrap_err();
            assert_eq!(message, format!("override `{text}`: {problem}"));
        }
    }
}
