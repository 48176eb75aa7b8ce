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

/// A row of cells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The line it begins on.
    pub line: usize,
    /// The line it ends on.
    pub last_line: usize,
    pub cells: Vec<String>,
}

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
                let last_line = self.line;
                self.end_line();
                return Ok(Row {
                    line: first_line,
                    last_line,
                    cells,
                });
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
    /// A row, or the line and what is wrong there. After an error the rows go on behind the line that
    /// the bad one begins on: a quote too many there must not take the rows below with it.
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
        let (rest, line) = (self.rest, self.line);
        let row = self.row();
        if row.is_err() {
            (self.rest, self.line, self.column) = (rest, line, 1);
            self.skip(rest.find('\n').map_or(rest.len(), |at| at + 1));
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, delimiter: char, quote: bool) -> Vec<(usize, Vec<String>)> {
        Rows::new(text, delimiter, quote)
            .map(|row| row.map(|row| (row.line, row.cells)))
            .collect::<Result<_, _>>()
            .unwrap()
    }

    #[test]
    fn rows_go_on_behind_an_error_and_know_their_last_line() {
        let found: Vec<_> = Rows::new("a,\"b\nc\"\nd,\"e\"x\nf,\"g\nh,i\n", ',', true)
            .map(|row| {
                row.map(|row| (row.line, row.last_line))
                    .map_err(|error| error.0)
            })
            .collect();
        assert_eq!(found, [Ok((1, 2)), Err(3), Err(4), Ok((5, 5))]);
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
