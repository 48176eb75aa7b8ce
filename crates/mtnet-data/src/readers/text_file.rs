//! A data file in memory: checked UTF-8, without a byte order mark, with its content hash.

use std::path::{Path, PathBuf};

use crate::error::{FormatError, Place};
use crate::{DataError, sha256};

/// The text of a file and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    path: PathBuf,
    text: String,
    sha256: String,
}

impl TextFile {
    /// Reads a whole file.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let bytes = std::fs::read(path).map_err(|source| DataError::Open {
            file: path.to_owned(),
            source,
        })?;
        Self::from_bytes(path, bytes)
    }

    fn from_bytes(path: &Path, mut bytes: Vec<u8>) -> Result<Self, DataError> {
        let sha256 = sha256(&bytes);
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(DataError::Utf16 {
                file: path.to_owned(),
            });
        }
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let before = &bytes[..at];
            let line_start = before
                .iter()
                .rposition(|&byte| byte == b'\n')
                .map_or(0, |newline| newline + 1);
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            FormatError::Utf8 {
                byte: at - line_start + 1,
                value: bytes[at],
            }
            .at(Place::new(path, line))
        })?;
        Ok(Self {
            path: path.to_owned(),
            text,
            sha256,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The lines with their numbers from 1, without LF or CRLF.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    pub fn place(&self, line: usize) -> Place {
        Place::new(&self.path, line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_line_ends_disappear_and_lines_keep_their_numbers() {
        let bytes = b"\xEF\xBB\xBFa\r\n\r\nb\nc".to_vec();
        let file = TextFile::from_bytes(Path::new("x"), bytes).unwrap();
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(lines, [(1, "a"), (2, ""), (3, "b"), (4, "c")]);
    }

    #[test]
    fn the_bad_byte_is_counted_in_its_line() {
        let error = TextFile::from_bytes(Path::new("x"), b"ok\nna\xEFve\n".to_vec()).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("x:2: byte 3 of the line is 0xef"),
            "{error}"
        );
    }
}
