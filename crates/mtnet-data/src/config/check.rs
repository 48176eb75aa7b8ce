//! The mistakes in a data set's table that can be seen without its files.

use std::collections::BTreeSet;

use mtnet_core::Split;

use super::{DatasetConfig, Format, Source};
use crate::DataError;

impl DatasetConfig {
    /// Looks for settings that contradict each other or could not have an effect.
    ///
    /// # Errors
    /// [`DataError::Config`] with the first one.
    pub fn check(&self) -> Result<(), DataError> {
        self.problem()
            .map_or(Ok(()), |(key, problem)| Err(self.refuse(key, problem)))
    }

    fn refuse(&self, key: &'static str, problem: String) -> DataError {
        DataError::Config {
            dataset: self.name.to_string(),
            key,
            problem,
        }
    }

    fn problem(&self) -> Option<(&'static str, String)> {
        self.files_problem()
            .or_else(|| self.fraction_problem())
            .or_else(|| layout_problem(&self.source()))
            .or_else(|| self.text_problem())
            .or_else(|| self.join_problem())
    }

    fn files_problem(&self) -> Option<(&'static str, String)> {
        if Split::ALL.iter().all(|&split| self.files(split).is_empty()) {
            return Some((
                "train",
                "no file at all, expected at least one of `train`, `dev` and `test`".to_owned(),
            ));
        }
        (self.limit == Some(0)).then(|| {
            (
                "limit",
                "found 0, expected at least 1; leave it out for all examples".to_owned(),
            )
        })
    }

    fn fraction_problem(&self) -> Option<(&'static str, String)> {
        let mut sum = 0.0;
        for (key, split) in [("dev_fraction", Split::Dev), ("test_fraction", Split::Test)] {
            let Some(fraction) = self.fraction(split) else {
                continue;
            };
            sum += fraction;
            if !(fraction > 0.0 && fraction < 1.0) {
                return Some((
                    key,
                    format!("found {fraction}, expected a share between 0 and 1, such as 0.1"),
                ));
            }
            if !self.files(split).is_empty() {
                return Some((
                    key,
                    format!("`{split}` names a file already; remove one of the two"),
                ));
            }
            if self.files(Split::Train).is_empty() {
                return Some((
                    key,
                    "a share of the training texts, but there is no `train` file".to_owned(),
                ));
            }
        }
        (sum >= 1.0).then(|| {
            (
                "dev_fraction",
                format!("with `test_fraction` it takes {sum} of the training texts, expected less than 1"),
            )
        })
    }

    fn text_problem(&self) -> Option<(&'static str, String)> {
        if self.format.has_word_lines() {
            let format = self.format.as_str();
            if self.tokens.is_some() {
                return Some((
                    "tokens",
                    format!(
                        "{format} has its words in a column already; remove the key, or name that column `token` in `columns`"
                    ),
                ));
            }
            if self.text_b.is_some() {
                return Some((
                    "text_b",
                    format!("{format} holds one text an example; use jsonl, csv or tsv for pairs"),
                ));
            }
        }
        (self.label_separator.as_deref() == Some("")).then(|| {
            (
                "label_separator",
                "found nothing, expected what stands between two labels, such as `,`".to_owned(),
            )
        })
    }

    fn join_problem(&self) -> Option<(&'static str, String)> {
        for (number, join) in (1..).zip(&self.join) {
            let problem = if Split::ALL.iter().all(|&split| join.files(split).is_empty()) {
                Some(
                    "no file at all, expected at least one of `train`, `dev` and `test`".to_owned(),
                )
            } else if join.format.has_word_lines() && join.tokens.is_some() {
                Some(format!(
                    "`tokens`: {} has its words in a column already; remove the key",
                    join.format.as_str()
                ))
            } else {
                layout_problem(&join.source()).map(|(key, problem)| format!("`{key}`: {problem}"))
            };
            if let Some(problem) = problem {
                return Some(("join", format!("join {number}: {problem}")));
            }
        }
        None
    }
}

/// Keys that the format does not know, and columns that cannot be told apart.
fn layout_problem(source: &Source<'_>) -> Option<(&'static str, String)> {
    let format = source.format.as_str();
    let delimited = source.format.is_delimited();
    let only = |key, formats: &str| {
        Some((
            key,
            format!("only for {formats}, and the format is {format}; remove the key"),
        ))
    };
    if !source.header && !delimited {
        return only("header", "csv and tsv");
    }
    if source.delimiter.is_some() && !delimited {
        return only("delimiter", "csv and tsv (conll has `separator`)");
    }
    if source.quote.is_some() && !delimited {
        return only("quote", "csv and tsv");
    }
    if source.separator.is_some() && source.format != Format::Conll {
        return only("separator", "conll (csv and tsv have `delimiter`)");
    }
    if let Some(bad @ ('"' | '\n' | '\r')) = source.delimiter {
        return Some((
            "delimiter",
            format!("found {bad:?}, expected a character such as `,` or `;`"),
        ));
    }
    let columns = source.columns?;
    if delimited && source.header {
        return Some((
            "columns",
            "the header names the columns already; set `header = false` if there is none"
                .to_owned(),
        ));
    }
    if !delimited && source.format != Format::Conll {
        return only("columns", "conll, and for csv and tsv without a header");
    }
    if source.format == Format::Conll && !columns.iter().any(|name| name == "token") {
        return Some((
            "columns",
            format!("found {columns:?}, expected one of them to be `token`, the word"),
        ));
    }
    let mut seen = BTreeSet::new();
    columns
        .iter()
        .filter(|name| *name != "_")
        .find(|name| !seen.insert(name.as_str()))
        .map(|twice| {
            (
                "columns",
                format!("`{twice}` is there twice; write `_` for a column that is not needed"),
            )
        })
}
