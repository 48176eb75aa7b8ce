//! Encoded texts, kept from one run to the next by the content of everything they depend on.
//!
//! A file is named by the SHA-256 of tokenizer, options and texts, and begins with the SHA-256 of
//! its own body: a file that is damaged, cut or of another version is made again, never an error.

use std::io::Write;
use std::path::{Path, PathBuf};

use mtnet_core::InputText;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{EncodeOptions, EncodedText, TextError, TextTokenizer};

/// Changes when the layout of a cache file does.
const FORMAT: &[u8] = b"mtnet-text encoded texts 1";

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
        let path = self
            .folder
            .as_ref()
            .map(|folder| folder.join(format!("{}.tokens", key(tokenizer, texts, options))));
        if let Some(path) = &path
            && let Some(encoded) = read(path)
            && encoded.len() == texts.len()
        {
            return Ok(encoded);
        }
        let encoded: Vec<EncodedText> = texts
            .par_iter()
            .map(|text| tokenizer.encode(text, options))
            .collect::<Result<_, _>>()?;
        if let Some(path) = &path
            && let Err(error) = write(path, &encoded)
        {
            tracing::warn!(
                "the encoded texts could not be kept in {}: {error}",
                path.display()
            );
        }
        Ok(encoded)
    }
}

fn key(tokenizer: &TextTokenizer, texts: &[&InputText], options: &EncodeOptions) -> String {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(FORMAT);
    add(tokenizer.content_hash().as_bytes());
    add(&(options.max_length as u64).to_le_bytes());
    add(&[u8::from(options.windows)]);
    for text in texts {
        for segment in std::iter::once(text.first()).chain(text.second()) {
            add(segment.text().as_bytes());
            let words = segment.words().map_or(u64::MAX, |words| words.len() as u64);
            add(&words.to_le_bytes());
            for word in segment.words().unwrap_or_default() {
                add(&(word.start as u64).to_le_bytes());
                add(&(word.end as u64).to_le_bytes());
            }
        }
        add(b"end of text");
    }
    hex(&hash.finalize())
}

fn read(path: &Path) -> Option<Vec<EncodedText>> {
    let bytes = std::fs::read(path).ok()?;
    let body = bytes
        .split_at_checked(32)
        .filter(|(sum, body)| Sha256::digest(body).as_slice() == *sum);
    let encoded = body.and_then(|(_, body)| serde_json::from_slice(body).ok());
    if encoded.is_none() {
        tracing::warn!("{} is damaged; the texts are encoded again", path.display());
    }
    encoded
}

fn write(path: &Path, encoded: &[EncodedText]) -> std::io::Result<()> {
    let body = serde_json::to_vec(encoded)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("tmp-{}", std::process::id()));
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(&Sha256::digest(&body))?;
    file.write_all(&body)?;
    drop(file);
    std::fs::rename(beside, path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
