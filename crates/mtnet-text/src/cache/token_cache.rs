//! Encoding a corpus once.
//!
//! A file is named by the SHA-256 of tokenizer, options and texts: whatever changes, another file
//! is read. One that is damaged, cut or of another key is made again, never an error.

use std::path::PathBuf;

use mtnet_core::InputText;
use rayon::prelude::*;

use super::file;
use super::key::key;
use crate::{EncodeOptions, EncodedText, TextError, TextTokenizer};

/// Encodes texts in parallel, and remembers them if it has a folder.
#[derive(Clone, Debug, Default)]
pub struct TokenCache {
    folder: Option<PathBuf>,
}

impl TokenCache {
    /// A cache in a folder, which is made when first needed, or none.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// All texts encoded, in order.
    ///
    /// # Errors
    /// If a text cannot be encoded. A cache that cannot be read or written is only logged.
    pub fn encode_all(
        &self,
        tokenizer: &TextTokenizer,
        texts: &[&InputText],
        options: &EncodeOptions,
    ) -> Result<Vec<EncodedText>, TextError> {
        let Some(folder) = &self.folder else {
            return encode(tokenizer, texts, options);
        };
        let key = key(tokenizer, texts, options);
        let path = folder.join(format!("{key}.tokens"));
        if let Some(encoded) = file::read(&path, &key) {
            return Ok(encoded);
        }
        let encoded = encode(tokenizer, texts, options)?;
        if let Err(error) = file::write(&path, &key, &encoded) {
            tracing::warn!(
                "encoded texts cannot be kept in {} ({error}); the next run encodes them again",
                path.display()
            );
        }
        Ok(encoded)
    }
}

fn encode(
    tokenizer: &TextTokenizer,
    texts: &[&InputText],
    options: &EncodeOptions,
) -> Result<Vec<EncodedText>, TextError> {
    texts
        .par_iter()
        .map(|text| tokenizer.encode(text, options))
        .collect()
}
