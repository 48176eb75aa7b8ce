//! Marks and line ends of files, which readers here see through and other tools may not.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::QualitySplit;
use super::finding::{Finding, Severity, Tally};
use crate::Place;
use crate::config::Format;

pub(super) fn check(split: &QualitySplit<'_>, findings: &mut Vec<Finding>) {
    if split.format == Format::Parquet {
        return;
    }
    let (mut marked, mut mixed) = (Tally::default(), Tally::default());
    for file in &split.data.report.files {
        // A file that is gone since it was read is no fault of the data.
        let Some(ends) = LineEnds::of(&file.path) else {
            continue;
        };
        if ends.mark {
            marked.add_place(|| Place::new(&file.path, 1));
        }
        // A quoted field may hold line breaks of its own.
        if let Some(line) = ends.odd_one.filter(|_| split.format != Format::Csv) {
            mixed.add_place(|| Place::new(&file.path, line));
        }
    }
    let name = split.name();
    marked.report(
        "byte-order-mark",
        Severity::Note,
        |_| format!("{name}: a byte order mark, which is passed over here; other tools take it for a part of the first field"),
        findings,
    );
    mixed.report(
        "mixed-line-ends",
        Severity::Warning,
        |_| format!("{name}: lines end in LF and in CRLF; files of two systems were joined, look for a seam"),
        findings,
    );
}

#[derive(Debug, PartialEq, Eq)]
struct LineEnds {
    mark: bool,
    /// The first line that ends otherwise than the one before.
    odd_one: Option<usize>,
}

impl LineEnds {
    fn of(path: &Path) -> Option<Self> {
        let mut reader = BufReader::with_capacity(1 << 16, File::open(path).ok()?);
        let mut ends = Self {
            mark: reader.fill_buf().ok()?.starts_with(b"\xEF\xBB\xBF"),
            odd_one: None,
        };
        let (mut line, mut first, mut last) = (0, None, 0);
        loop {
            let buffer = reader.fill_buf().ok()?;
            if buffer.is_empty() {
                return Some(ends);
            }
            for (at, _) in buffer
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'\n')
            {
                line += 1;
                let before = if at == 0 { last } else { buffer[at - 1] };
                let crlf = before == b'\r';
                if *first.get_or_insert(crlf) != crlf {
                    ends.odd_one.get_or_insert(line);
                }
            }
            last = buffer[buffer.len() - 1];
            let read = buffer.len();
            reader.consume(read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_odd_line_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        for (bytes, mark, odd_one) in [
            (&b"a\r\nb\r\n"[..], false, None),
            (b"\xEF\xBB\xBFa\nb\n", true, None),
            (b"a\r\nb\r\nc\nd\r\n", false, Some(3)),
            (b"", false, None),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(LineEnds::of(&path), Some(LineEnds { mark, odd_one }));
        }
        assert_eq!(LineEnds::of(&folder.path().join("gone")), None);
    }
}
