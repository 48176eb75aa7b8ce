//! `metrics.jsonl`, read as far as it can be read: a damaged line is told, and the others stay.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::Event;

/// A line that is no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Follows a log that may still be written.
///
/// Each [`poll`](Self::poll) takes the lines that were completed since. A log that became shorter
/// (a run that goes on from an earlier checkpoint) is read anew from its beginning.
#[derive(Debug)]
pub struct LogTail {
    path: PathBuf,
    offset: u64,
    line: usize,
    partial: Vec<u8>,
    damaged: Vec<DamagedLine>,
}

/// What a look at a log found.
#[derive(Debug, Default)]
pub struct News {
    /// Whether earlier events are no longer part of the log.
    pub restarted: bool,
    /// New events.
    pub events: Vec<Event>,
}

impl LogTail {
    /// From the beginning; the file need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            offset: 0,
            line: 0,
            partial: Vec::new(),
            damaged: Vec::new(),
        }
    }

    /// The log's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lines so far that were no events.
    pub fn damaged(&self) -> &[DamagedLine] {
        &self.damaged
    }

    /// Whether the log ends in the middle of a line.
    pub fn is_cut_short(&self) -> bool {
        !self.partial.is_empty()
    }

    /// Events since the last look; none while there is no file.
    ///
    /// # Errors
    /// If the file is there and cannot be read.
    pub fn poll(&mut self) -> io::Result<News> {
        let mut news = News::default();
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(news),
            Err(error) => return Err(error),
        };
        if file.metadata()?.len() < self.offset {
            *self = Self::new(std::mem::take(&mut self.path));
            news.restarted = true;
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        self.offset += file.read_to_end(&mut bytes)? as u64;
        self.partial.extend(bytes);
        while let Some(end) = self.partial.iter().position(|&byte| byte == b'\n') {
            let rest = self.partial.split_off(end + 1);
            let line = std::mem::replace(&mut self.partial, rest);
            self.take(&line, &mut news.events);
        }
        Ok(news)
    }

    fn take(&mut self, line: &[u8], events: &mut Vec<Event>) {
        self.line += 1;
        if line.trim_ascii().is_empty() {
            return;
        }
        match serde_json::from_slice(line) {
            Ok(event) => events.push(event),
            Err(error) => self.damaged.push(DamagedLine {
                line: self.line,
                reason: error.to_string(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const STEP: &str = r#"{"event":"step","step":1,"loss":null,"task_losses":{"a":null}}"#;

    #[test]
    fn damage_is_told_and_the_rest_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut tail = LogTail::new(&path);
        assert!(tail.poll().unwrap().events.is_empty());

        let text = format!("{STEP}\n\u{0}garbage\n\n{{\"event\":\"new_kind\"}}\n{STEP}\n{{\"ev");
        std::fs::write(&path, text).unwrap();
        let events = tail.poll().unwrap().events;
        assert_eq!(events.len(), 3);
        let Event::Step(step) = &events[0] else {
            panic!("a step expected")
        };
        assert!(step.loss.is_nan() && step.task_losses["a"].is_nan());
        assert_eq!(events[1], Event::Other);
        assert_eq!(tail.damaged()[0].line, 2);
        assert_eq!(tail.damaged().len(), 1);
        assert!(tail.is_cut_short());
    }

    #[test]
    fn a_growing_log_is_followed_and_a_cut_one_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut tail = LogTail::new(&path);
        std::fs::write(&path, &STEP[..20]).unwrap();
        assert!(tail.poll().unwrap().events.is_empty());
        let mut file = File::options().append(true).open(&path).unwrap();
        write!(file, "{}\n{STEP}\n{STEP}\n", &STEP[20..]).unwrap();
        assert_eq!(tail.poll().unwrap().events.len(), 3);
        assert!(tail.poll().unwrap().events.is_empty());

        std::fs::write(&path, format!("{STEP}\n")).unwrap();
        let news = tail.poll().unwrap();
        assert!(news.restarted);
        assert_eq!(news.events.len(), 1);
    }
}
