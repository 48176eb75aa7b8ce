//! What is written into a file of a checkpoint, and its hash on the way.

use std::fmt;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{CheckpointError, Files};

/// The content of one file: its bytes, or what writes them.
pub enum FileContent<'a> {
    /// The bytes themselves.
    Bytes(Vec<u8>),
    /// Writes the bytes when the file is open, so that a large file need not be in memory whole.
    Writer(WriteContent<'a>),
}

/// Writes the content of one file.
pub type WriteContent<'a> = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + 'a>;

impl<'a> FileContent<'a> {
    /// Content that `write` writes.
    pub fn writer(write: impl FnOnce(&mut dyn Write) -> io::Result<()> + 'a) -> Self {
        Self::Writer(Box::new(write))
    }
}

impl From<Vec<u8>> for FileContent<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for FileContent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Writer(_) => f.write_str("Writer"),
        }
    }
}

/// Size and SHA-256 of something that was written or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    pub bytes: u64,
    pub sha256: String,
}

/// Writes a new file and waits until it is on the disk.
pub(super) fn write_file(
    files: &dyn Files,
    path: &Path,
    content: FileContent<'_>,
) -> Result<Fingerprint, CheckpointError> {
    let file = files
        .create_file(path)
        .map_err(CheckpointError::file("create", path))?;
    let mut hashing = HashingWriter {
        // Under the hash: a writer of many small pieces costs few system calls.
        inner: BufWriter::with_capacity(BUFFER, file),
        hasher: Sha256::new(),
        bytes: 0,
    };
    match content {
        FileContent::Bytes(bytes) => hashing.write_all(&bytes),
        FileContent::Writer(write) => write(&mut hashing),
    }
    .and_then(|()| hashing.flush())
    .map_err(CheckpointError::file("write", path))?;
    let file = hashing.inner.get_mut();
    file.sync().map_err(CheckpointError::file("sync", path))?;
    Ok(fingerprint(hashing.hasher, hashing.bytes))
}

/// Reads a file through, and hands on the pieces.
pub(super) fn read_file(
    files: &dyn Files,
    path: &Path,
    mut take: impl FnMut(&[u8]),
) -> Result<Fingerprint, CheckpointError> {
    let mut file = files
        .open(path)
        .map_err(CheckpointError::file("open", path))?;
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => return Ok(fingerprint(hasher, bytes)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CheckpointError::file("read", path)(error)),
        };
        let piece = &buffer[..count];
        hasher.update(piece);
        bytes += count as u64;
        take(piece);
    }
}

/// The SHA-256 of bytes in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

const BUFFER: usize = 1 << 20;

struct HashingWriter<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn fingerprint(hasher: Sha256, bytes: u64) -> Fingerprint {
    Fingerprint {
        bytes,
        sha256: hexadecimal(&hasher.finalize()),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
