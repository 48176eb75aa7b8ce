//! A sentence of a CoNLL file while its lines come in.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FieldValue, Record, Surface, Table};

/// Comments and words since the last blank line.
#[derive(Debug, Default)]
pub(super) struct Sentence {
    line: Option<usize>,
    last_line: usize,
    comments: BTreeMap<Arc<str>, FieldValue>,
    columns: BTreeMap<Arc<str>, Vec<String>>,
    surfaces: Vec<Surface>,
    words: usize,
}

impl Sentence {
    /// How many words it has so far.
    pub fn words(&self) -> usize {
        self.words
    }

    /// Keeps a comment `# key = value`; the first of a key counts, and other comments say nothing.
    pub fn comment(&mut self, line: usize, text: &str) {
        self.reach(line);
        if let Some((key, value)) = key_value(text) {
            self.comments
                .entry(Arc::from(key))
                .or_insert_with(|| FieldValue::Text(value.to_owned()));
        }
    }

    /// Adds a piece of text with its first word.
    pub fn push_surface(&mut self, line: usize, surface: Surface) {
        self.reach(line);
        self.words += 1;
        self.surfaces.push(surface);
    }

    /// Counts a line as one of the sentence's.
    pub fn reach(&mut self, line: usize) {
        self.line.get_or_insert(line);
        self.last_line = line;
    }

    /// Adds a further word to the last piece of text.
    pub fn push_word(&mut self, form: &str) {
        self.words += 1;
        if let Some(surface) = self.surfaces.last_mut() {
            surface.words.push(form.to_owned());
        }
    }

    /// Sets a column's value for the last word; words before it without one get an empty value.
    pub fn set(&mut self, column: &Arc<str>, value: &str) {
        let values = self.columns.entry(Arc::clone(column)).or_default();
        values.resize(self.words - 1, String::new());
        values.push(value.to_owned());
    }

    /// Hands the sentence over, if it has words, and begins the next.
    pub fn finish(&mut self, table: &mut Table) {
        let mut done = std::mem::take(self);
        for values in done.columns.values_mut() {
            values.resize(done.words, String::new());
        }
        if let (Some(line), 1..) = (done.line, done.words) {
            table.records.push(Record {
                line,
                last_line: done.last_line,
                fields: done.comments,
                columns: done.columns,
                surfaces: Some(done.surfaces),
                within: None,
            });
        }
    }
}

/// `# key = value` as the two.
pub(super) fn key_value(comment: &str) -> Option<(&str, &str)> {
    let text = comment.strip_prefix('#')?;
    if !text.starts_with([' ', '\t']) {
        return None;
    }
    let (key, value) = text.split_once('=')?;
    let key = key.trim();
    (!key.is_empty()).then(|| (key, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_with_a_key_is_a_field() {
        assert_eq!(key_value("# text = a = b "), Some(("text", "a = b")));
        assert_eq!(key_value("# newdoc id=x"), Some(("newdoc id", "x")));
        assert_eq!(key_value("# text ="), Some(("text", "")));
        assert_eq!(key_value("# slots: 1:2"), None);
        assert_eq!(key_value("#photography\tO"), None);
    }

    #[test]
    fn a_value_missing_at_some_words_is_empty_there() {
        let mut sentence = Sentence::default();
        let mut table = Table::default();
        let key = Arc::from("Entity");
        for (line, word) in (3..).zip(["a", "b", "c"]) {
            sentence.push_surface(line, Surface::word(word));
            if word == "b" {
                sentence.set(&key, "B-X");
            }
        }
        sentence.finish(&mut table);
        sentence.finish(&mut table);
        assert_eq!(table.records.len(), 1);
        assert_eq!(table.records[0].line, 3);
        assert_eq!(table.records[0].columns["Entity"], ["", "B-X", ""]);
    }
}
