//! The text a run file was read from, so that every mistake can say where it is.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a configuration that a program made.
    Code,
    /// Somewhere in the run file.
    File(PathBuf),
    /// On a line of the run file.
    Line {
        /// The run file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// The line.
        text: String,
        /// Characters of the line that are meant.
        width: usize,
    },
    /// In an override of the command line.
    Override(String),
}

impl Place {
    /// The line with a mark below what is meant; empty where there is no line.
    pub fn excerpt(&self) -> String {
        let Self::Line {
            line,
            column,
            text,
            width,
            ..
        } = self
        else {
            return String::new();
        };
        let margin = " ".repeat(line.to_string().len());
        // Tabs are kept, so that the mark stands below what it means.
        let indent: String = text
            .chars()
            .take(column - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let mark = "^".repeat((*width).max(1));
        format!("\n{margin} |\n{line} | {text}\n{margin} | {indent}{mark}")
    }
}

impl fmt::Display for Place {
    /// Begins a message: `run.toml:3:1: `, or nothing for [`Place::Code`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => Ok(()),
            Self::File(path) => write!(f, "{}: ", path.display()),
            Self::Line {
                path, line, column, ..
            } => write!(f, "{}:{line}:{column}: ", path.display()),
            Self::Override(text) => write!(f, "override `{text}`: "),
        }
    }
}

/// A run file's text with the overrides behind it: one line of byte positions.
#[derive(Clone, Debug)]
pub(in super::super) struct Source {
    path: PathBuf,
    text: String,
    overrides: Vec<String>,
}

impl Source {
    /// The text of `path`, and what the command line sets besides.
    pub fn new(path: &Path, text: &str, overrides: &[String]) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            overrides: overrides.to_vec(),
        }
    }

    /// The run file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The run file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The overrides, each with its first position.
    pub fn overrides(&self) -> impl Iterator<Item = (usize, &str)> {
        let behind = self.text.len() + 1;
        self.overrides.iter().scan(behind, |position, text| {
            let start = *position;
            *position += text.len() + 1;
            Some((start, text.as_str()))
        })
    }

    /// Where a range of positions lies.
    pub fn place(&self, range: &Range<usize>) -> Place {
        if range.start > self.text.len() {
            let text = self
                .overrides()
                .take_while(|&(start, _)| start <= range.start)
                .last();
            return Place::Override(text.map_or_else(String::new, |(_, text)| text.to_owned()));
        }
        // A span may end inside a character only if the file is not what was parsed.
        let start = self.text.floor_char_boundary(range.start);
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |newline| start + newline);
        let end = self
            .text
            .floor_char_boundary(range.end.clamp(start, line_end));
        Place::Line {
            path: self.path.clone(),
            line: before.matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            text: self.text[line_start..line_end]
                .trim_end_matches('\r')
                .to_owned(),
            width: self.text[start..end].trim_end().chars().count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, range: Range<usize>) -> (usize, usize, String) {
        let source = Source::new("run.toml".as_ref(), text, &["a=1".into(), "b.c=x".into()]);
        match source.place(&range) {
            place @ Place::Line { line, column, .. } => (line, column, place.excerpt()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn positions_are_lines_and_columns_in_characters() {
        let text = "[run]\r\nname = \"é\"\nlang = \"标签\" # x\n";
        assert_eq!(
            place(text, 1..4),
            (1, 2, "\n  |\n1 | [run]\n  |  ^^^".into())
        );
        assert_eq!(
            place(text, 14..18),
            (2, 8, "\n  |\n2 | name = \"é\"\n  |        ^^^".into())
        );
        let start = text.find('标').unwrap();
        assert_eq!(place(text, start..start + 6).1, 9);
        // The end of the file, and a range over several lines.
        assert_eq!(place(text, text.len()..text.len()).0, 4);
        assert_eq!(place(text, 0..30).2, "\n  |\n1 | [run]\n  | ^^^^^");
    }

    #[test]
    fn positions_behind_the_text_are_overrides() {
        let source = Source::new(
            "run.toml".as_ref(),
            "x = 1\n",
            &["a=1".into(), "b.c=x".into()],
        );
        let starts: Vec<_> = source.overrides().collect();
        assert_eq!(starts, [(7, "a=1"), (11, "b.c=x")]);
        assert_eq!(source.place(&(9..10)), Place::Override("a=1".into()));
        assert_eq!(source.place(&(11..12)), Place::Override("b.c=x".into()));
        assert_eq!(source.place(&(15..16)), Place::Override("b.c=x".into()));
    }
}
