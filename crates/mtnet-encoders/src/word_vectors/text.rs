//! The text form: a line a word, the word and its numbers separated by blanks.
//!
//! word2vec (Mikolov et al. 2013) and fastText write a first line with the number of vectors and
//! their width, GloVe (Pennington et al. 2014) does not. Some words of published files hold blanks
//! themselves, so the numbers are counted from the end of the line.

use std::path::Path;

use super::WordVectorsProblem as Problem;
use super::vectors::{WordVectors, line, problem};
use crate::EncoderError;

pub(super) fn read(path: &Path) -> Result<WordVectors, EncoderError> {
    let bytes = std::fs::read(path).map_err(|source| EncoderError::io(path, source))?;
    parse(&bytes).map_err(|(number, wrong)| {
        let place = number.map(line).unwrap_or_default();
        problem(path, place, wrong)
    })
}

/// A line number from 1, where one line is to blame, and what is wrong with it.
type Wrong = (Option<usize>, Problem);

fn parse(bytes: &[u8]) -> Result<WordVectors, Wrong> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = bytes
        .split(|&byte| byte == b'\n')
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .peekable();
    let &(first, bytes) = lines.peek().ok_or((None, Problem::Empty))?;
    let header = header(text(first, bytes)?).map_err(|wrong| (Some(first), wrong))?;
    if header.is_some() {
        lines.next();
    }
    let mut dim = header.map(|(_, dim)| dim);
    let (mut words, mut data) = (Vec::new(), Vec::new());
    for (number, bytes) in lines {
        let fields = text(number, bytes)?;
        let width = match dim {
            Some(width) => width,
            None => *dim.insert(count_numbers(fields).map_err(|wrong| (Some(number), wrong))?),
        };
        let word = vector(fields, width, &mut data).map_err(|wrong| (Some(number), wrong))?;
        words.push(word.to_owned());
    }
    match (header, dim) {
        (Some((expected, _)), _) if expected != words.len() => {
            let found = words.len();
            let source_of_count = "the header";
            Err((
                None,
                Problem::Count {
                    found,
                    expected,
                    source_of_count,
                },
            ))
        }
        (_, Some(dim)) if !words.is_empty() => Ok(WordVectors::new(words, dim, data)),
        _ => Err((None, Problem::Empty)),
    }
}

fn text(number: usize, bytes: &[u8]) -> Result<&str, Wrong> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.trim_end_matches([' ', '\t', '\r'])),
        Err(_) => Err((Some(number), Problem::NotText)),
    }
}

/// A first line of two whole numbers is a header.
fn header(first: &str) -> Result<Option<(usize, usize)>, Problem> {
    let fields: Vec<&str> = first.split_whitespace().collect();
    let [count, dim] = fields[..] else {
        return Ok(None);
    };
    match (count.parse(), dim.parse()) {
        (Ok(0), Ok(_)) | (Ok(_), Ok(0)) => Err(Problem::Header {
            found: first.to_owned(),
        }),
        (Ok(count), Ok(dim)) => Ok(Some((count, dim))),
        _ => Ok(None),
    }
}

/// The width of vectors without a header, from the first of them.
fn count_numbers(line: &str) -> Result<usize, Problem> {
    match numbers(line) {
        0 => Err(Problem::NoNumbers {
            found: line.to_owned(),
        }),
        width => Ok(width),
    }
}

/// Appends the last `dim` fields to `data`; the word is what stands before them.
fn vector<'a>(line: &'a str, dim: usize, data: &mut Vec<f32>) -> Result<&'a str, Problem> {
    let width = Problem::Width {
        found: numbers(line),
        expected: dim,
    };
    let (start, mut word) = (data.len(), line);
    for _ in 0..dim {
        let Some((before, field)) = word.rsplit_once(BLANK) else {
            return Err(width);
        };
        match field.parse::<f32>() {
            Ok(number) if number.is_finite() => data.push(number),
            _ if numbers(line) < dim => return Err(width),
            _ => {
                let found = field.to_owned();
                return Err(Problem::Number { found });
            }
        }
        word = before;
    }
    data[start..].reverse();
    // A word may hold blanks, but one that ends in a number is rather a vector that is too wide.
    match word.rsplit_once(BLANK) {
        Some((_, last)) if last.parse::<f32>().is_ok() => Err(width),
        _ => Ok(word),
    }
}

const BLANK: [char; 2] = [' ', '\t'];

/// How many fields stand behind the first.
fn numbers(line: &str) -> usize {
    line.split(BLANK).count() - 1
}
