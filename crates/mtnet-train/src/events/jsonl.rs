//! `metrics.jsonl`: one event a line, appended and handed to the operating system at once.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use mtnet_core::Split;

use super::{Event, EventError, EventSink};

/// Appends events to a file of JSON lines.
///
/// A number that is not finite is written as `null`.
#[derive(Debug)]
pub struct JsonlSink {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
}

impl JsonlSink {
    /// Starts a new record; one that was there is emptied.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, EventError> {
        let path = path.into();
        let file = open(&path)?;
        file_error("empty", &path, file.set_len(0))?;
        Ok(Self {
            path,
            file,
            length: 0,
        })
    }

    /// Goes on with the record of a run that goes on after `step` steps: what follows the line of
    /// that step's checkpoint is cut off. Without such a line, the lines of later steps are, as
    /// are the end of the run and a last line that was only half written.
    ///
    /// A run that went back to an older checkpoint has steps twice in its record; the last line of
    /// the checkpoint is the one that counts.
    ///
    /// A record that does not exist is started.
    ///
    /// # Errors
    /// If the file cannot be read or cut, or a line that would stay is no event.
    pub fn resume(path: impl Into<PathBuf>, step: u64) -> Result<Self, EventError> {
        let path = path.into();
        let file = open(&path)?;
        let (mut length, mut passed) = (0, false);
        for line in Lines::new(&path, &file) {
            let line = match line {
                Ok(line) => line,
                // It is cut off with what stands around it.
                Err(_) if passed => break,
                Err(error) => return Err(error),
            };
            passed |= is_of_the_end(&line.event) || line.event.step() > step;
            let is_checkpoint =
                matches!(&line.event, Event::Checkpoint(event) if event.step == step);
            if !passed || is_checkpoint {
                length = line.end;
            }
        }
        file_error("cut", &path, file.set_len(length))?;
        Ok(Self { path, file, length })
    }
}

/// Whether an event is recorded at the end of a run, behind its last checkpoint and at the same step:
/// a run that is resumed there records it again.
fn is_of_the_end(event: &Event) -> bool {
    match event {
        Event::RunEnd(_) => true,
        Event::Evaluation(evaluation) => evaluation.split == Split::Test,
        _ => false,
    }
}

impl EventSink for JsonlSink {
    fn record(&mut self, event: &Event) -> Result<(), EventError> {
        let mut line = serde_json::to_vec(event).map_err(EventError::Json)?;
        line.push(b'\n');
        // One write of the whole line and no buffer of our own: what a killed run had recorded
        // is in the file.
        let written = self.file.write_all(&line);
        match &written {
            Ok(()) => self.length += line.len() as u64,
            // A full disk may have taken half of the line: the next one must not follow it. The
            // error that matters is the first.
            Err(_) => drop(self.file.set_len(self.length)),
        }
        file_error("write to", &self.path, written)
    }

    fn sync(&mut self) -> Result<(), EventError> {
        file_error("sync", &self.path, self.file.sync_data())
    }
}

/// Reads a record; a last line that was only half written is passed over.
///
/// # Errors
/// If the file cannot be read, or a line is no event.
pub fn read_events(path: &Path) -> Result<Vec<Event>, EventError> {
    let file = file_error("open", path, File::open(path))?;
    Lines::new(path, &file)
        .map(|line| line.map(|line| line.event))
        .collect()
}

/// The whole lines of a record.
struct Lines<'a> {
    path: &'a Path,
    reader: BufReader<&'a File>,
    end: u64,
    number: usize,
}

struct Line {
    event: Event,
    /// Offset of the first byte behind it.
    end: u64,
}

impl<'a> Lines<'a> {
    fn new(path: &'a Path, file: &'a File) -> Self {
        Self {
            path,
            reader: BufReader::new(file),
            end: 0,
            number: 0,
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Line, EventError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        if let Err(error) = file_error("read", self.path, self.reader.read_until(b'\n', &mut bytes))
        {
            return Some(Err(error));
        }
        // No line end: nothing is left, or a line that was cut off while it was written.
        bytes.strip_suffix(b"\n")?;
        self.number += 1;
        self.end += bytes.len() as u64;
        let event = serde_json::from_slice(&bytes).map_err(|source| EventError::Line {
            path: self.path.to_owned(),
            line: self.number,
            source,
        });
        Some(event.map(|event| Line {
            event,
            end: self.end,
        }))
    }
}

/// Appending, so that after a cut the next line stands where the file then ends.
fn open(path: &Path) -> Result<File, EventError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    file_error("open", path, options.open(path))
}

fn file_error<T>(
    action: &'static str,
    path: &Path,
    result: std::io::Result<T>,
) -> Result<T, EventError> {
    result.map_err(|source| EventError::File {
        action,
        path: path.to_owned(),
        source,
    })
}
