//! The file operations that checkpoints are made of.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// A file being written.
pub trait FileWriter: Write {
    /// Waits until everything written is on the disk.
    ///
    /// # Errors
    /// If it may not be. What the system still held may be lost; do not try the same file again.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file system, as far as checkpoints need it. [`LocalFiles`] is the real one; a test puts
/// one in its place that fails.
///
/// Every method fails as its namesake in [`std::fs`] does.
#[expect(
    clippy::missing_errors_doc,
    reason = "stated once for all methods, above"
)]
pub trait Files: fmt::Debug + Send + Sync {
    /// Makes a folder and those above it, where they do not exist.
    fn create_folders(&self, path: &Path) -> io::Result<()>;
    /// Makes a folder that does not exist yet.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes a file that does not exist yet, to write to.
    fn create_file(&self, path: &Path) -> io::Result<Box<dyn FileWriter>>;
    /// Waits until the entries of a folder are on the disk.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Gives a file or folder another name in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a folder and all in it.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Opens a file to read.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>>;
    /// The size of a file in bytes.
    fn size(&self, path: &Path) -> io::Result<u64>;
    /// The names in a folder, sorted; names that are no Unicode are left out.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Opens the lock file to read and write, and makes it where it does not exist.
    fn open_lock(&self, path: &Path) -> io::Result<File>;
}

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalFiles;

impl FileWriter for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

impl Files for LocalFiles {
    fn create_folders(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn FileWriter>> {
        Ok(Box::new(File::create_new(path)?))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Elsewhere a folder cannot be opened as a file, and renames are journalled.
        if cfg!(unix) {
            File::open(path)?.sync_all()?;
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(path)?))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn open_lock(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options.open(path)
    }
}
