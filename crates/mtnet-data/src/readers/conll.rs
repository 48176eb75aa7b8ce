//! CoNLL columns: one word a line, a blank line between sentences (Tjong Kim Sang and De Meulder
//! 2003, §2.2, and the many files laid out like theirs).
//!
//! A line that begins with `#` may be a comment or the word `#`. It is a comment before the first
//! word of its sentence where it reads `# key = value`, or has not the columns of a word.

use std::sync::Arc;

use super::sentence::{Sentence, key_value};
use super::{Rejected, Surface, Table, TextFile};
use crate::DataError;
use crate::config::Source;
use crate::error::FormatError;

pub(super) fn read(
    file: &TextFile,
    source: &Source<'_>,
    rejected: &mut Rejected,
) -> Result<Table, DataError> {
    let mut names: Option<Vec<Arc<str>>> = source.columns.map(|columns| {
        columns
            .iter()
            .map(|name| Arc::from(name.as_str()))
            .collect()
    });
    let mut table = Table::default();
    let mut sentence = Sentence::default();
    // The rest of a sentence with a bad line goes with it.
    let mut skipping = false;
    for (line, text) in file.lines() {
        if text.trim().is_empty() {
            sentence.finish(&mut table);
            skipping = false;
            continue;
        }
        if skipping {
            continue;
        }
        let cells = cells(text, source.separator);
        if sentence.words() == 0 && is_comment(text, &cells, names.as_deref()) {
            sentence.comment(line, text);
            continue;
        }
        if cells[0] == source.document_mark {
            sentence.finish(&mut table);
            continue;
        }
        let names = names.get_or_insert_with(|| default_names(cells.len()));
        if cells.len() != names.len() {
            let error = FormatError::ColumnCount {
                found: cells.len(),
                expected: names.len(),
                columns: names.join(", "),
                remedy: "give the word all columns, put a blank line between sentences, or set `separator` or `columns`",
            };
            rejected.reject(error.at(file.place(line)))?;
            sentence = Sentence::default();
            skipping = true;
            continue;
        }
        let token = names
            .iter()
            .position(|name| **name == *"token")
            .unwrap_or(0);
        let word = cells[token];
        // Published files have such lines (xSID 0.7): there is nothing to tag.
        if word.trim().is_empty() {
            table.empty_words += 1;
            sentence.reach(line);
            continue;
        }
        sentence.push_surface(line, Surface::word(word));
        for (name, cell) in names.iter().zip(&cells).filter(|(name, _)| ***name != *"_") {
            sentence.set(name, cell);
        }
    }
    sentence.finish(&mut table);
    table.fields = names
        .unwrap_or_default()
        .iter()
        .map(|name| name.to_string())
        .filter(|name| name != "_")
        .collect();
    Ok(table)
}

/// Not split at wide blanks: U+3000 and U+00A0 can be words.
fn cells(text: &str, separator: Option<char>) -> Vec<&str> {
    match separator {
        None | Some(' ') if !text.contains('\t') => text.split_ascii_whitespace().collect(),
        None => text.split('\t').collect(),
        Some(separator) => text.split(separator).collect(),
    }
}

fn is_comment(text: &str, cells: &[&str], names: Option<&[Arc<str>]>) -> bool {
    if !text.starts_with('#') {
        return false;
    }
    let like_a_word = match names {
        Some(names) => cells.len() == names.len() && (names[0].as_ref() == "token"),
        None => text.contains('\t'),
    };
    key_value(text).is_some() || !like_a_word
}

fn default_names(columns: usize) -> Vec<Arc<str>> {
    (0..columns)
        .map(|column| match column {
            0 => Arc::from("token"),
            last if last + 1 == columns => Arc::from("tag"),
            middle => Arc::from(middle.to_string()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_a_comment_only_where_it_cannot_be_a_word() {
        let check = |text: &str, names: Option<&[Arc<str>]>, expected: bool| {
            let cells = cells(text, None);
            assert_eq!(is_comment(text, &cells, names), expected, "{text}");
        };
        let two = default_names(2);
        let three = [Arc::from("index"), Arc::from("token"), Arc::from("tag")];
        check("#photography\tO", None, false);
        check("#photography\tO", Some(&two), false);
        check("# O", Some(&two), false);
        check("# sent_id = 3", Some(&two), true);
        check("# sent_id = 3", Some(&three), true);
        check("# a note here", Some(&three), true);
        check("# a note", None, true);
        check("word O", Some(&two), false);
    }

    #[test]
    fn blanks_that_are_words_stay() {
        assert_eq!(cells("\u{3000} O", None), ["\u{3000}", "O"]);
        assert_eq!(cells("a  b\tO", None), ["a  b", "O"]);
        assert_eq!(cells("a|O", Some('|')), ["a", "O"]);
    }
}
