//! Which weights are served, as a hash that two machines can compare.

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// SHA-256 of a model folder's `model.safetensors`, as lower-case hexadecimal digits.
///
/// # Errors
/// If the file cannot be read.
pub fn weights_hash(folder: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(
        &mut File::open(folder.join("model.safetensors"))?,
        &mut hasher,
    )?;
    let digest = hasher.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
