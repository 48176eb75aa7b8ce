//! Writes event files.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message as _;

use super::message::{Event, SessionLog, Summary, Value, What};
use super::record::framed;
use crate::ReportError;

/// A new event file in a folder, appended to record by record and handed to the operating system
/// at once: TensorBoard shows a run while it goes on.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
    /// The last step that was written.
    step: u64,
}

impl EventFile {
    /// Starts a file for a run that begins.
    ///
    /// # Errors
    /// If the folder or the file cannot be made.
    pub fn create(folder: &Path) -> Result<Self, ReportError> {
        fs::create_dir_all(folder).map_err(ReportError::file("create", folder))?;
        let now = wall_time();
        let process = std::process::id();
        // TensorBoard takes every file with `tfevents` in its name and reads them in the order of
        // their names, so that the time stands first, and a number behind it for files of a second.
        let mut number = 0;
        loop {
            let name = format!(
                "events.out.tfevents.{:010}.mtnet.{process}.{number}",
                now as u64
            );
            let path = folder.join(name);
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => {
                    let mut events = Self {
                        path,
                        file,
                        step: 0,
                    };
                    let version = What::FileVersion("brain.Event:2".to_owned());
                    events.write(now, 0, version)?;
                    return Ok(events);
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(ReportError::file("create", &path)(error)),
            }
        }
    }

    /// Starts a file for a run that goes on after `step` steps: TensorBoard forgets what earlier
    /// files hold of later steps.
    ///
    /// # Errors
    /// If the folder or the file cannot be made.
    pub fn resume(folder: &Path, step: u64) -> Result<Self, ReportError> {
        let mut events = Self::create(folder)?;
        events.void_from(step + 1)?;
        Ok(events)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds numbers by tag at a step. An earlier step than the one before means that the run went
    /// back: what was written of this step and later ones is void.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn scalars(
        &mut self,
        step: u64,
        scalars: impl IntoIterator<Item = (String, f64)>,
    ) -> Result<(), ReportError> {
        let value = scalars.into_iter().map(|(tag, number)| Value {
            tag,
            simple_value: Some(number as f32),
        });
        let summary = Summary {
            value: value.collect(),
        };
        if summary.value.is_empty() {
            return Ok(());
        }
        if step < self.step {
            self.void_from(step)?;
        }
        self.step = step;
        self.write(wall_time(), step, What::Summary(summary))
    }

    /// Makes what was written survive a power cut.
    ///
    /// # Errors
    /// If it cannot be written through.
    pub fn sync(&mut self) -> Result<(), ReportError> {
        self.file
            .sync_data()
            .map_err(ReportError::file("sync", &self.path))
    }

    fn void_from(&mut self, step: u64) -> Result<(), ReportError> {
        let start = What::SessionLog(SessionLog { status: 1 });
        self.write(wall_time(), step, start)
    }

    fn write(&mut self, wall_time: f64, step: u64, what: What) -> Result<(), ReportError> {
        let step = i64::try_from(step).map_err(|error| ReportError::Event(error.to_string()))?;
        let event = Event {
            wall_time,
            step,
            what: Some(what),
        };
        let record = framed(&event.encode_to_vec());
        self.file
            .write_all(&record)
            .map_err(ReportError::file("write to", &self.path))
    }
}

fn wall_time() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages of a file, read back by its lengths.
    fn events(path: &Path) -> Vec<Event> {
        let bytes = fs::read(path).unwrap();
        let mut rest = &bytes[..];
        let mut events = Vec::new();
        while !rest.is_empty() {
            let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
            events.push(Event::decode(&rest[12..12 + length]).unwrap());
            rest = &rest[16 + length..];
        }
        events
    }

    #[test]
    fn scalars_survive_and_a_resumed_run_voids_later_steps() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = EventFile::create(folder.path()).unwrap();
        file.scalars(
            20,
            [("loss/intent".to_owned(), 0.5), ("lr".to_owned(), 1e-3)],
        )
        .unwrap();
        file.scalars(40, []).unwrap();
        file.sync().unwrap();
        let read = events(file.path());
        assert_eq!(
            read[0].what,
            Some(What::FileVersion("brain.Event:2".to_owned()))
        );
        let Some(What::Summary(summary)) = &read[1].what else {
            panic!("a summary expected")
        };
        assert_eq!((read[1].step, read.len()), (20, 2));
        assert_eq!(summary.value[0].tag, "loss/intent");
        assert_eq!(summary.value[0].simple_value, Some(0.5));

        // Going back within a file.
        file.scalars(10, [("lr".to_owned(), 1e-3)]).unwrap();
        let read = events(file.path());
        let start = What::SessionLog(SessionLog { status: 1 });
        assert_eq!((read[2].step, read[2].what.as_ref()), (10, Some(&start)));
        assert_eq!(read.len(), 4);

        let next = EventFile::resume(folder.path(), 10).unwrap();
        assert_ne!(next.path(), file.path());
        let read = events(next.path());
        assert_eq!(
            (read[1].step, &read[1].what),
            (11, &Some(What::SessionLog(SessionLog { status: 1 })))
        );
    }
}
