//! The journal's file: lines appended whole, and read back.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::entry::VERSION;
use super::{Entry, History, Identity};
use crate::TuneError;

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
}

impl Journal {
    /// Opens the journal at `path` and reads what happened; one that does not exist is begun.
    ///
    /// # Errors
    /// If it belongs to another search, a line but the last cannot be read, or the file cannot be
    /// written.
    pub fn open(path: &Path, identity: &Identity) -> Result<(Self, History), TuneError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let mut file = options.open(path).map_err(TuneError::file(path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(TuneError::file(path))?;
        // What stands behind the last line end was cut off while it was written.
        let whole = bytes
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(TuneError::file(path))?;
        }
        let mut journal = Self {
            path: path.to_owned(),
            file,
            length: whole as u64,
        };
        let entries = journal.read(&bytes[..whole])?;
        let history = journal.history(entries, identity)?;
        if whole == 0 {
            journal.append(&Entry::Search {
                version: VERSION,
                program: env!("CARGO_PKG_VERSION").to_owned(),
                identity: Box::new(identity.clone()),
            })?;
        }
        Ok((journal, history))
    }

    /// Adds a line and waits until it is on the disk.
    ///
    /// # Errors
    /// If it cannot be written; then nothing of it stays.
    pub fn append(&mut self, entry: &Entry) -> Result<(), TuneError> {
        let mut line = serde_json::to_vec(entry).expect("entries are JSON");
        line.push(b'\n');
        let written = self.file.write_all(&line);
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            // The next line must not follow half of this one. The error that matters is the first.
            drop(self.file.set_len(self.length));
            return Err(TuneError::file(&self.path)(error));
        }
        self.length += line.len() as u64;
        Ok(())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self, bytes: &[u8]) -> Result<Vec<Entry>, TuneError> {
        let lines = bytes.split_inclusive(|&byte| byte == b'\n');
        lines
            .enumerate()
            .map(|(index, line)| {
                // A later version may have lines that are not known here.
                if index == 0
                    && let Ok(header) = serde_json::from_slice::<serde_json::Value>(line)
                    && let Some(found) = header["version"].as_u64()
                    && found > u64::from(VERSION)
                {
                    return Err(TuneError::JournalVersion {
                        path: self.path.clone(),
                        found: u32::try_from(found).unwrap_or(u32::MAX),
                        supported: VERSION,
                    });
                }
                serde_json::from_slice(line)
                    .map_err(|error| self.refuse(index, format!("not an entry: {error}")))
            })
            .collect()
    }

    fn history(&self, entries: Vec<Entry>, identity: &Identity) -> Result<History, TuneError> {
        let mut history = History::default();
        for (index, entry) in entries.into_iter().enumerate() {
            match entry {
                Entry::Search {
                    identity: theirs, ..
                } if index == 0 => {
                    if let Some(difference) = theirs.difference(identity) {
                        return Err(TuneError::OtherSearch {
                            path: self.path.clone(),
                            difference,
                        });
                    }
                }
                _ if index == 0 => {
                    return Err(self.refuse(0, "the first line must be the search".to_owned()));
                }
                entry => history
                    .take(entry)
                    .map_err(|problem| self.refuse(index, problem))?,
            }
        }
        Ok(history)
    }

    fn refuse(&self, index: usize, problem: String) -> TuneError {
        TuneError::JournalLine {
            path: self.path.clone(),
            line: index + 1,
            problem,
        }
    }
}
