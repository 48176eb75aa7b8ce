//! A cache file: a checksum over its key and body, then the body.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::codec;
use crate::EncodedText;

const CHECKSUM_BYTES: usize = 32;

/// What a file keeps for a key; `None`, with a warning, if it exists and cannot be used.
pub(super) fn read(path: &Path, key: &str) -> Option<Vec<EncodedText>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(
                "encoded texts {} cannot be read ({error}); the texts are encoded again",
                path.display()
            );
            return None;
        }
    };
    let texts = bytes
        .split_at_checked(CHECKSUM_BYTES)
        .filter(|(found, body)| *found == checksum(key, body))
        .and_then(|(_, body)| codec::from_bytes(body));
    if texts.is_none() {
        tracing::warn!(
            "encoded texts {} are damaged; the texts are encoded again",
            path.display()
        );
    }
    texts
}

/// Writes beside, then renames: a reader sees the whole file or none.
pub(super) fn write(path: &Path, key: &str, texts: &[EncodedText]) -> io::Result<()> {
    let body = codec::to_bytes(texts);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = beside(path);
    let written = fs::File::create(&beside)
        .and_then(|mut file| {
            file.write_all(&checksum(key, &body))?;
            file.write_all(&body)
        })
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Nothing more can be done if this fails too, and the first error tells more.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A name that no other process, and no other thread of this one, writes to.
fn beside(path: &Path) -> PathBuf {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let write = WRITES.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("tmp-{}-{write}", std::process::id()))
}

fn checksum(key: &str, body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    Sha256::new()
        .chain_update(key)
        .chain_update(body)
        .finalize()
        .into()
}
