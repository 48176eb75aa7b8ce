//! The files of a split or of a join, read one behind the other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::FileReport;
use super::split_data::FileLine;
use crate::DataError;
use crate::config::Source;
use crate::error::Place;
use crate::readers::{self, Record, Rejected};

/// Records of several files.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub reports: Vec<FileReport>,
    pub records: Vec<(FileLine, Record)>,
    /// Word lines left out because their word is empty.
    pub empty_words: usize,
    /// Every field that some record has or could have.
    pub known: BTreeSet<String>,
}

impl Loaded {
    /// Reads the files; their numbers count from `first_file`.
    pub fn read(
        paths: &[PathBuf],
        base_dir: &Path,
        source: &Source<'_>,
        first_file: usize,
        rejected: &mut Rejected,
    ) -> Result<Self, DataError> {
        let mut loaded = Self::default();
        for (number, path) in (first_file..).zip(paths) {
            let path = base_dir.join(path);
            let (sha256, table) = readers::read_file(&path, source, rejected)?;
            loaded.reports.push(FileReport {
                path,
                sha256,
                examples: table.records.len(),
            });
            loaded.empty_words += table.empty_words;
            loaded.known.extend(table.fields);
            for record in table.records {
                for name in record.fields.keys().chain(record.columns.keys()) {
                    if !loaded.known.contains(&**name) {
                        loaded.known.insert(name.to_string());
                    }
                }
                let at = FileLine {
                    file: number as u32,
                    line: record.line as u32,
                };
                loaded.records.push((at, record));
            }
        }
        Ok(loaded)
    }

    /// The place of a line of these files.
    pub fn place(&self, at: FileLine, first_file: usize) -> Place {
        let report = &self.reports[at.file as usize - first_file];
        Place::new(&report.path, at.line as usize)
    }

    /// Makes sure that some record has the field.
    pub fn expect(&self, field: &str) -> Result<(), DataError> {
        if self.known.contains(field) {
            return Ok(());
        }
        Err(self.missing(field, self.known.iter().cloned().collect()))
    }

    /// The error about a field that is none of `known`.
    pub fn missing(&self, field: &str, known: Vec<String>) -> DataError {
        DataError::MissingField {
            file: self
                .reports
                .first()
                .map(|report| report.path.clone())
                .unwrap_or_default(),
            field: field.to_owned(),
            known,
        }
    }
}
