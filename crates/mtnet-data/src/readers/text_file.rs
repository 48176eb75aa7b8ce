//! A data file in memory: checked UTF-8, without a byte order mark.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::DataError;
use crate::error::{FormatError, Place};

/// The largest file that is read: its lines must be countable in 32 bits, and it is held in memory.
const MAX_BYTES: u64 = u32::MAX as u64;

/// The text of a file and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    path: PathBuf,
    text: String,
    bad_lines: BTreeMap<usize, FormatError>,
}

/// The bytes of a file of reasonable size.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, DataError> {
    let open = |source| DataError::Open {
        file: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(open)?;
    let too_large = |bytes| DataError::TooLarge {
        file: path.to_owned(),
        bytes,
        limit: MAX_BYTES,
    };
    let size = file.metadata().map_err(open)?.len();
    if size > MAX_BYTES {
        return Err(too_large(size));
    }
    let mut bytes = Vec::with_capacity(size as usize);
    // A pipe states no size.
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(open)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

impl TextFile {
    /// The text of a file. Lines that are no UTF-8 are an error, or, where `lenient` says so, kept
    /// with their bad bytes replaced and listed in [`bad_lines`](Self::bad_lines).
    pub fn new(path: &Path, mut bytes: Vec<u8>, lenient: bool) -> Result<Self, DataError> {
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(DataError::Utf16 {
                file: path.to_owned(),
            });
        }
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        let mut bad_lines = BTreeMap::new();
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if lenient => {
                let bytes = error.as_bytes();
                for (line, content) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
                    if let Err(error) = str::from_utf8(content) {
                        bad_lines.insert(line, not_utf8(content, error.valid_up_to()));
                    }
                }
                String::from_utf8_lossy(bytes).into_owned()
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let line_start = bytes[..at]
                    .iter()
                    .rposition(|&byte| byte == b'\n')
                    .map_or(0, |newline| newline + 1);
                let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
                let error = not_utf8(&bytes[line_start..], at - line_start);
                return Err(error.at(Place::new(path, line)));
            }
        };
        Ok(Self {
            path: path.to_owned(),
            text,
            bad_lines,
        })
    }

    /// What is wrong with each line that is no UTF-8, by its number from 1.
    pub fn bad_lines(&self) -> &BTreeMap<usize, FormatError> {
        &self.bad_lines
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines with their numbers from 1, without LF or CRLF.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    pub fn place(&self, line: usize) -> Place {
        Place::new(&self.path, line)
    }
}

fn not_utf8(line: &[u8], at: usize) -> FormatError {
    FormatError::Utf8 {
        byte: at + 1,
        value: line[at],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_line_ends_disappear_and_lines_keep_their_numbers() {
        let bytes = b"\xEF\xBB\xBFa\r\n\r\nb\nc".to_vec();
        let file = TextFile::new(Path::new("x"), bytes, false).unwrap();
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(lines, [(1, "a"), (2, ""), (3, "b"), (4, "c")]);
    }

    #[test]
    fn the_bad_byte_is_counted_in_its_line() {
        let error = TextFile::new(Path::new("x"), b"ok\nna\xEFve\n".to_vec(), false).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("x:2: byte 3 of the line is 0xef"),
            "{error}"
        );
    }

    #[test]
    fn a_lenient_reading_lists_the_bad_lines() {
        let bytes = b"ok\nna\xEFve\nok\n\xFF".to_vec();
        let file = TextFile::new(Path::new("x"), bytes, true).unwrap();
        let lines: Vec<usize> = file.bad_lines().keys().copied().collect();
        assert_eq!(lines, [2, 4]);
        assert_eq!(file.lines().count(), 4);
    }
}
