//! A file system whose n-th operation fails.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mtnet_train::checkpoint::{FileWriter, Files, LocalFiles};

/// What happens at the n-th operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// It fails, and later ones work.
    Once,
    /// It and all later ones fail: what the disk then holds is what a kill would leave.
    FromThenOn,
}

/// Counts operations, and fails the n-th. What fails may have been done in part, as on a disk:
/// half of a write, one file of a removal.
#[derive(Clone, Debug)]
pub(super) struct FaultyFiles {
    count: Arc<AtomicUsize>,
    failing: usize,
    fault: Fault,
    /// The system's number of the error, `None` for one that no system has.
    error: Option<i32>,
}

impl FaultyFiles {
    pub(super) fn new(failing: usize, fault: Fault) -> Self {
        Self {
            count: Arc::default(),
            failing,
            fault,
            error: None,
        }
    }

    /// Faults that are errors of the system.
    pub(super) fn with_error(failing: usize, fault: Fault, number: i32) -> Self {
        Self {
            error: Some(number),
            ..Self::new(failing, fault)
        }
    }

    /// Operations so far.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Counts one operation; `partly` does a part of it, if it is the one to fail.
    fn operation(&self, partly: impl FnOnce()) -> io::Result<()> {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        if number == self.failing {
            partly();
        }
        let fails = match self.fault {
            Fault::Once => number == self.failing,
            Fault::FromThenOn => number >= self.failing,
        };
        if fails {
            return Err(match self.error {
                Some(error) => io::Error::from_raw_os_error(error),
                None => io::Error::other(format!("fault at operation {number}")),
            });
        }
        Ok(())
    }
}

impl Files for FaultyFiles {
    fn create_folders(&self, path: &Path) -> io::Result<()> {
        self.operation(|| ())?;
        LocalFiles.create_folders(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.operation(|| ())?;
        LocalFiles.create_folder(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn FileWriter>> {
        self.operation(|| ())?;
        Ok(Box::new(FaultyFile {
            inner: LocalFiles.create_file(path)?,
            files: self.clone(),
        }))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.operation(|| ())?;
        LocalFiles.sync_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operation(|| ())?;
        LocalFiles.rename(from, to)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.operation(|| {
            let first = fs::read_dir(path)
                .ok()
                .and_then(|mut entries| entries.next());
            if let Some(Ok(first)) = first {
                fs::remove_file(first.path()).expect("one file of it goes");
            }
        })?;
        LocalFiles.remove_folder(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        self.operation(|| ())?;
        Ok(Box::new(FaultyFile {
            inner: LocalFiles.open(path)?,
            files: self.clone(),
        }))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.operation(|| ())?;
        LocalFiles.size(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.operation(|| ())?;
        LocalFiles.names(path)
    }

    fn open_lock(&self, path: &Path) -> io::Result<File> {
        self.operation(|| ())?;
        LocalFiles.open_lock(path)
    }
}

struct FaultyFile<F> {
    inner: F,
    files: FaultyFiles,
}

impl Write for FaultyFile<Box<dyn FileWriter>> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let inner = &mut self.inner;
        self.files.operation(|| {
            inner
                .write_all(&bytes[..bytes.len() / 2])
                .expect("half of it is written");
        })?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl FileWriter for FaultyFile<Box<dyn FileWriter>> {
    fn sync(&mut self) -> io::Result<()> {
        self.files.operation(|| ())?;
        self.inner.sync()
    }
}

impl Read for FaultyFile<Box<dyn Read>> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.files.operation(|| ())?;
        self.inner.read(buffer)
    }
}
