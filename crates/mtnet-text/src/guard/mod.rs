//! What a `tokenizer.json` must be before the `tokenizers` library may see it.
//!
//! The library unwraps and indexes on some files that are JSON but make no tokenizer. So a file is
//! of reasonable size, parsed strictly (no key twice), and its parts refer to things that are there;
//! what gets past that meets a `catch_unwind`.

mod references;
mod strict_json;

use serde_json::Value;

/// The largest file that is read. The largest published ones have about 35 MB.
pub(crate) const MAX_BYTES: u64 = 256 << 20;

/// The file as JSON, or what is wrong with it.
pub(crate) fn parse(json: &[u8]) -> Result<Value, String> {
    if json.len() as u64 > MAX_BYTES {
        return Err(format!(
            "it has {} bytes, expected at most {MAX_BYTES}",
            json.len()
        ));
    }
    let file = strict_json::parse(json).map_err(|error| error.to_string())?;
    references::check(&file)?;
    Ok(file)
}
