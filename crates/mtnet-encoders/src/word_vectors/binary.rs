//! word2vec's binary form (Mikolov et al. 2013): a header line `COUNT WIDTH`, then for each word its
//! bytes, a blank and `WIDTH` little-endian `f32` numbers, and in some writers a line feed.

use std::path::Path;

use super::WordVectorsProblem as Problem;
use super::vectors::{WordVectors, problem};
use crate::EncoderError;

pub(super) fn read(path: &Path) -> Result<WordVectors, EncoderError> {
    let bytes = std::fs::read(path).map_err(|source| EncoderError::io(path, source))?;
    parse(&bytes).map_err(|(vector, wrong)| {
        let place = match vector {
            Some(number) => format!(", vector {number}"),
            None => ", header".to_owned(),
        };
        problem(path, place, wrong)
    })
}

/// A vector's number from 1, `None` for the header, and what is wrong with it.
type Wrong = (Option<usize>, Problem);

fn parse(bytes: &[u8]) -> Result<WordVectors, Wrong> {
    let (count, dim, mut rest) = header(bytes).map_err(|wrong| (None, wrong))?;
    // A wrong header must not reserve more than the file could hold.
    let (mut words, mut data) = (Vec::new(), Vec::with_capacity(bytes.len() / 4));
    for index in 0..count {
        let at = |wrong| (Some(index + 1), wrong);
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        if rest.is_empty() {
            return Err(at(Problem::Count {
                found: index,
                expected: count,
                source_of_count: "the header",
            }));
        }
        let blank = rest.iter().position(|&byte| byte == b' ');
        let (word, numbers) = rest.split_at(blank.unwrap_or(rest.len()));
        let word = std::str::from_utf8(word).map_err(|_| at(Problem::NotText))?;
        let numbers = numbers
            .get(1..)
            .and_then(|numbers| numbers.split_at_checked(dim.saturating_mul(4)));
        let Some((numbers, behind)) = numbers else {
            let word = word.chars().take(64).collect();
            return Err(at(Problem::Truncated { word }));
        };
        for number in numbers.as_chunks().0 {
            let number = f32::from_le_bytes(*number);
            if !number.is_finite() {
                let found = number.to_string();
                return Err(at(Problem::Number { found }));
            }
            data.push(number);
        }
        words.push(word.to_owned());
        rest = behind;
    }
    data.shrink_to_fit();
    Ok(WordVectors::new(words, dim, data))
}

fn header(bytes: &[u8]) -> Result<(usize, usize, &[u8]), Problem> {
    let end = bytes.iter().take(64).position(|&byte| byte == b'\n');
    let (line, rest) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (&bytes[..bytes.len().min(64)], &[][..]),
    };
    let line = String::from_utf8_lossy(line);
    let fields: Vec<usize> = line
        .split_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    match fields[..] {
        [count, dim] if count > 0 && dim > 0 => Ok((count, dim, rest)),
        _ => Err(Problem::Header {
            found: line.escape_debug().to_string(),
        }),
    }
}
