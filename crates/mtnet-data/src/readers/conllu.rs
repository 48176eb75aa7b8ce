//! CoNLL-U (Universal Dependencies, <https://universaldependencies.org/format.html>): sentences
//! of ten tab-separated columns, where `a-b` lines give the surface of several words, and `a.b`
//! lines are words of the enhanced graph that no text holds.
//!
//! Fields of a word are `form`, `lemma`, `upos`, `xpos`, `feats`, `head`, `deprel` and each key of
//! `MISC`. An unspecified value (`_`) is no value, except that `feats` of a word without
//! features is the label `_`.

use std::sync::Arc;

use super::sentence::Sentence;
use super::{Rejected, Surface, Table, TextFile};
use crate::DataError;
use crate::error::FormatError;

const COLUMNS: [&str; 10] = [
    "id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc",
];
/// Positions of the columns that can be labels.
const LABELS: [usize; 7] = [1, 2, 3, 4, 5, 6, 7];
const MISC: usize = 9;

pub(super) fn read(file: &TextFile, rejected: &mut Rejected) -> Result<Table, DataError> {
    let names: Vec<Arc<str>> = COLUMNS.iter().map(|name| Arc::from(*name)).collect();
    let mut table = Table {
        fields: LABELS.iter().map(|&at| COLUMNS[at].to_owned()).collect(),
        ..Table::default()
    };
    let mut sentence = Sentence::default();
    let mut range = None;
    let mut last_line = 0;
    // The rest of a sentence with a bad line goes with it.
    let mut skipping = false;
    for (line, text) in file.lines() {
        let read = if text.trim().is_empty() {
            skipping = false;
            finish(&mut sentence, &mut range, &mut table)
                .map_err(|error| error.at(file.place(last_line)))
        } else if skipping {
            Ok(())
        } else if text.starts_with('#') {
            sentence.comment(line, text);
            Ok(())
        } else {
            sentence.reach(line);
            word(&mut sentence, &mut range, line, text, &names)
                .map_err(|error| error.at(file.place(line)))
        };
        if let Err(error) = read {
            rejected.reject(error)?;
            (sentence, range) = (Sentence::default(), None);
            // An error at the end of a sentence has no rest.
            skipping = !text.trim().is_empty();
        }
        last_line = line;
    }
    let end = finish(&mut sentence, &mut range, &mut table);
    rejected.sift(end.map_err(|error| error.at(file.place(last_line))))?;
    Ok(table)
}

/// A multiword token whose words are still coming in.
struct Range {
    first: usize,
    last: usize,
    form: String,
    space_after: bool,
}

fn word(
    sentence: &mut Sentence,
    range: &mut Option<Range>,
    line: usize,
    text: &str,
    names: &[Arc<str>],
) -> Result<(), FormatError> {
    let cells: Vec<&str> = text.split('\t').collect();
    if cells.len() != COLUMNS.len() {
        return Err(FormatError::ColumnCount {
            found: cells.len(),
            expected: COLUMNS.len(),
            columns: COLUMNS.join(", "),
            remedy: "CoNLL-U is separated by single tabs; for other columns set `format = \"conll\"`",
        });
    }
    let next = sentence.words() + 1;
    let form = cells[1];
    let space_after = !misc(cells[MISC]).any(|pair| pair == ("SpaceAfter", "No"));
    match number(cells[0]) {
        Some(Number::Empty) => return Ok(()),
        Some(Number::Range(first, last)) if first == next && last > first && range.is_none() => {
            *range = Some(Range {
                first,
                last,
                form: form.to_owned(),
                space_after,
            });
            return Ok(());
        }
        Some(Number::Word(found)) if found == next => {}
        _ => {
            return Err(FormatError::WordNumber {
                found: cells[0].to_owned(),
                expected: format!(
                    "{next}, or a range such as {next}-{} outside another one; words count from 1 in each sentence, with a blank line between sentences",
                    next + 1
                ),
            });
        }
    }
    if form.trim().is_empty() {
        return Err(FormatError::EmptyWord { word: next });
    }
    match range {
        Some(range) if range.first < next => sentence.push_word(form),
        Some(range) => sentence.push_surface(
            line,
            Surface {
                form: range.form.clone(),
                words: vec![form.to_owned()],
                space_after: range.space_after,
            },
        ),
        None => sentence.push_surface(
            line,
            Surface {
                space_after,
                ..Surface::word(form)
            },
        ),
    }
    if range.as_ref().is_some_and(|range| range.last == next) {
        *range = None;
    }
    for at in LABELS {
        let specified = match COLUMNS[at] {
            "form" | "feats" => true,
            // The lemma of the word `_` is `_`.
            "lemma" => cells[at] != "_" || form == "_",
            _ => cells[at] != "_",
        };
        sentence.set(&names[at], if specified { cells[at] } else { "" });
    }
    for (key, value) in misc(cells[MISC]) {
        // A key called like a column would hide it.
        if !COLUMNS.contains(&key) {
            sentence.set(&Arc::from(key), value);
        }
    }
    Ok(())
}

fn finish(
    sentence: &mut Sentence,
    range: &mut Option<Range>,
    table: &mut Table,
) -> Result<(), FormatError> {
    if let Some(range) = range.take() {
        return Err(FormatError::WordNumber {
            found: "end of the sentence".to_owned(),
            expected: format!(
                "word {}, which `{}-{}` announces",
                sentence.words() + 1,
                range.first,
                range.last
            ),
        });
    }
    sentence.finish(table);
    Ok(())
}

enum Number {
    Word(usize),
    Range(usize, usize),
    Empty,
}

fn number(cell: &str) -> Option<Number> {
    if let Some((first, last)) = cell.split_once('-') {
        return Some(Number::Range(first.parse().ok()?, last.parse().ok()?));
    }
    if let Some((before, index)) = cell.split_once('.') {
        before.parse::<usize>().ok()?;
        index.parse::<usize>().ok()?;
        return Some(Number::Empty);
    }
    cell.parse().ok().map(Number::Word)
}

/// The pairs of the last column; a key alone has the value `Yes`.
fn misc(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split('|')
        .filter(|pair| !pair.is_empty() && *pair != "_")
        .map(|pair| pair.split_once('=').unwrap_or((pair, "Yes")))
}
