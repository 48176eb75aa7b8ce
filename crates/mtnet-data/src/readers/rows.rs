//! Rows of delimited text: RFC 4180 where fields may be quoted, plain splitting where not.
//!
//! A parser of its own, because a message about a quote must name the line that the quote opens
//! on, and a quote that is never closed must be an error.

use crate::error::FormatError;

/// Walks the rows of a text. A blank line is no row.
pub(super) struct Rows<'a> {
    rest: &'a str,
    /// Number of the line that `rest` begins on, and what of it was read already.
    line: usize,
    column: usize,
    delimiter: char,
    quote: bool,
}

/// A row: the line it begins on, and its cells.
pub(super) type Row = (usize, Vec<String>);

impl<'a> Rows<'a> {
    pub fn new(text: &'a str, delimiter: char, quote: bool) -> Self {
        Self {
            rest: text,
            line: 1,
            column: 1,
            delimiter,
            quote,
        }
    }

    fn row(&mut self) -> Result<Row, (usize, FormatError)> {
        let first_line = self.line;
        let mut cells = Vec::new();
        loop {
            let cell = if self.quote && self.rest.starts_with('"') {
                self.quoted()?
            } else {
                self.plain()
            };
            cells.push(cell);
            if self.rest.starts_with(self.delimiter) {
                self.skip(self.delimiter.len_utf8());
            } else {
                self.end_line();
                return Ok((first_line, cells));
            }
        }
    }

    /// Up to the delimiter or the end of the line.
    fn plain(&mut self) -> String {
        let end = self
            .rest
            .find([self.delimiter, '\n'])
            .unwrap_or(self.rest.len());
        let mut cell = &self.rest[..end];
        if !self.rest[end..].starts_with(self.delimiter) {
            cell = cell.strip_suffix('\r').unwrap_or(cell);
        }
        self.skip(end);
        cell.to_owned()
    }

    /// From an opening quote to its closing one, which stands alone: two are one of the text.
    fn quoted(&mut self) -> Result<String, (usize, FormatError)> {
        let (opened, column) = (self.line, self.column);
        let mut cell = String::new();
        self.skip(1);
        loop {
            let Some(end) = self.rest.find('"') else {
                return Err((opened, FormatError::UnbalancedQuote { column }));
            };
            cell.push_str(&self.rest[..end]);
            self.skip(end + 1);
            if !self.rest.starts_with('"') {
                break;
            }
            cell.push('"');
            self.skip(1);
        }
        if self.rest.starts_with("\r\n") || self.rest == "\r" {
            self.skip(1);
        }
        match self.rest.chars().next() {
            Some(found) if found != self.delimiter && found != '\n' => {
                Err((self.line, FormatError::AfterQuote { found, opened }))
            }
            _ => Ok(cell),
        }
    }

    fn skip(&mut self, bytes: usize) {
        let (skipped, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.line += skipped.matches('\n').count();
        match skipped.rfind('\n') {
            Some(newline) => self.column = bytes - newline,
            None => self.column += bytes,
        }
    }

    fn end_line(&mut self) {
        self.skip(self.rest.starts_with('\n').into());
    }
}

impl Iterator for Rows<'_> {
    /// A row, or the line and what is wrong there; nothing follows an error.
    type Item = Result<Row, (usize, FormatError)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let blank = self.rest.starts_with('\n') || self.rest.starts_with("\r\n");
            if !blank {
                break;
            }
            self.skip(1 + usize::from(self.rest.starts_with('\r')));
        }
        if self.rest.is_empty() {
            return None;
        }
        let row = self.row();
        if row.is_err() {
            self.rest = "";
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, delimiter: char, quote: bool) -> Vec<Row> {
        Rows::new(text, delimiter, quote)
            .collect::<Result<_, _>>()
            .unwrap()
    }

    #[test]
    fn quoted_line_breaks_delimiters_and_quotes_are_text() {
        let text = "a,\"b\r\nc, \"\"d\"\"\"\r\n\r\n\"\",e\n";
        assert_eq!(
            rows(text, ',', true),
            [
                (1, vec!["a".to_owned(), "b\r\nc, \"d\"".to_owned()]),
                (4, vec![String::new(), "e".to_owned()])
            ]
        );
    }

    #[test]
    fn without_quoting_a_quote_is_a_character() {
        assert_eq!(
            rows("\"a\tb\"\r\nc\t\r\n", '\t', false),
            [
                (1, vec!["\"a".to_owned(), "b\"".to_owned()]),
                (2, vec!["c".to_owned(), String::new()])
            ]
        );
        assert_eq!(
            rows("天，地", '，', true),
            [(1, vec!["天".to_owned(), "地".to_owned()])]
        );
    }

    #[test]
    fn a_quote_is_reported_where_it_opens() {
        let error = Rows::new("a,b\nc,\"d\ne,f\n", ',', true)
            .find_map(Result::err)
            .unwrap();
        assert_eq!(error, (2, FormatError::UnbalancedQuote { column: 3 }));
        let error = Rows::new("a,\"b\nc\"d,e\n", ',', true)
            .find_map(Result::err)
            .unwrap();
        assert_eq!(
            error,
            (
                2,
                FormatError::AfterQuote {
                    found: 'd',
                    opened: 1
                }
            )
        );
    }
}
