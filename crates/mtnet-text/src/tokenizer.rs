//! A tokenizer whose broken files are errors, and whose offsets are byte ranges of the text.
//!
//! The `tokenizers` library panics on some damaged files, so a file is parsed strictly and its
//! references are followed first, and the library is called behind [`guarded`]. Truncation and padding that a published file carries are
//! switched off: this crate windows and packs by itself.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use mtnet_core::{InputText, guarded};
use tokenizers::Tokenizer;

use crate::assemble::assemble;
use crate::guard;
use crate::hash::sha256_hex;
use crate::piece::Piece;
use crate::template::Template;
use crate::{EncodeOptions, EncodedText, TextError, TokenSpan};

/// Vocabularies have gaps, but no published one has ids as large as this: an embedding table is
/// sized by the largest id, and a damaged one must not ask for all the memory there is.
const ID_LIMIT: usize = 1 << 24;

/// A tokenizer with its special tokens.
#[derive(Clone, Debug)]
pub struct TextTokenizer {
    tokenizer: Tokenizer,
    template: Template,
    vocab_size: usize,
    hash: String,
}

impl TextTokenizer {
    /// Reads the content of a `tokenizer.json`.
    ///
    /// # Errors
    /// If it is no JSON, holds a key twice, is no tokenizer, or its parts do not fit together.
    pub fn from_json(json: &[u8]) -> Result<Self, TextError> {
        let broken = |reason: String| TextError::Tokenizer { path: None, reason };
        guard::parse(json).map_err(broken)?;
        let read = guarded(|| Tokenizer::from_bytes(json));
        let tokenizer = match read {
            Ok(Ok(tokenizer)) => tokenizer,
            Ok(Err(error)) => return Err(broken(error.to_string())),
            Err(panic) => return Err(broken(format!("its parts do not fit together: {panic}"))),
        };
        Self::new(tokenizer)
    }

    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// If it cannot be read, is no JSON, or no tokenizer.
    pub fn from_file(path: &Path) -> Result<Self, TextError> {
        let json = read(path).map_err(|source| TextError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::from_json(&json).map_err(|error| match error {
            TextError::Tokenizer { reason, .. } => TextError::Tokenizer {
                path: Some(path.to_owned()),
                reason,
            },
            other => other,
        })
    }

    fn new(mut tokenizer: Tokenizer) -> Result<Self, TextError> {
        let broken = |reason: String| TextError::Tokenizer { path: None, reason };
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|error| broken(error.to_string()))?;
        let ids = tokenizer.get_vocab(true);
        let vocab_size = ids.values().max().map_or(0, |&id| id as usize + 1);
        if vocab_size > ID_LIMIT {
            return Err(broken(format!(
                "its largest token id is {}, expected below {ID_LIMIT}",
                vocab_size - 1
            )));
        }
        let template = guarded(|| Template::of(&tokenizer))
            .unwrap_or_else(|panic| Err(format!("its post-processor panics: {panic}")))
            .map_err(broken)?;
        let json = guarded(|| tokenizer.to_string(false))
            .map_err(|panic| broken(format!("it cannot be written again: {panic}")))?
            .map_err(|error| broken(error.to_string()))?;
        Ok(Self {
            tokenizer,
            template,
            vocab_size,
            hash: sha256_hex(json.as_bytes()),
        })
    }

    /// The content of a `tokenizer.json` that reads back as this tokenizer.
    ///
    /// # Errors
    /// If the library cannot write it.
    pub fn to_json(&self) -> Result<String, TextError> {
        self.tokenizer
            .to_string(true)
            .map_err(|error| TextError::Tokenizer {
                path: None,
                reason: error.to_string(),
            })
    }

    /// Rows that an embedding table of the tokens needs: one more than the largest id. This is
    /// the number of tokens, special ones included, where the ids have no gaps.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    /// The token of an id.
    pub fn token(&self, id: u32) -> Option<String> {
        self.tokenizer.id_to_token(id)
    }

    /// The id of a token.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.tokenizer.token_to_id(token)
    }

    /// SHA-256 of the tokenizer's content, as lower-case hexadecimal digits.
    pub fn content_hash(&self) -> &str {
        &self.hash
    }

    /// All windows of a text or pair.
    ///
    /// A single text with words that is longer than `max_length` is split into windows at word
    /// borders if `options.windows` says so, and a pair over its second text where there is an
    /// `options.overlap`; anything else that is too long is cut, the longer text of a pair first,
    /// and what is cut away is counted.
    ///
    /// # Errors
    /// If `max_length` leaves no room for text, the text gives no token and there are no special
    /// ones, or the library fails.
    pub fn encode(
        &self,
        text: &InputText,
        options: &EncodeOptions,
    ) -> Result<EncodedText, TextError> {
        let first = self.pieces(text.first().text(), 0)?;
        let second = match text.second() {
            Some(segment) => Some(self.pieces(segment.text(), 1)?),
            None => None,
        };
        assemble(&self.template, text.first(), first, second, options)
    }

    /// Tokens of one text without special ones.
    fn pieces(&self, text: &str, segment: u8) -> Result<Vec<Piece>, TextError> {
        let failed = |reason: String| TextError::Encode {
            bytes: text.len(),
            reason,
        };
        if u32::try_from(text.len()).is_err() {
            return Err(failed("expected less than 4 GiB".to_owned()));
        }
        let encoding = guarded(|| self.tokenizer.encode(text, false))
            .map_err(|panic| failed(format!("the tokenizers library panicked: {panic}")))?
            .map_err(|error| failed(error.to_string()))?;
        let tokens = encoding.get_ids().iter().zip(encoding.get_tokens());
        Ok(tokens
            .zip(encoding.get_offsets())
            .map(|((&id, token), &(start, end))| {
                // A lone `▁` borrows the place of the character behind it; it stands for none.
                let end = if token == "▁" { start } else { end };
                Piece {
                    id,
                    span: trimmed(text, segment, start, end),
                }
            })
            .collect())
    }
}

/// The bytes of a file, up to one more than a tokenizer may have.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut json = Vec::new();
    File::open(path)?
        .take(guard::MAX_BYTES + 1)
        .read_to_end(&mut json)?;
    Ok(json)
}

/// The byte range without blanks at its ends, which some tokenizers count to a token.
fn trimmed(text: &str, segment: u8, start: usize, end: usize) -> TokenSpan {
    let slice = text.get(start..end).unwrap_or_default();
    let left = slice.len() - slice.trim_start().len();
    let inner = slice.trim().len();
    let start = if inner == 0 { start } else { start + left };
    TokenSpan {
        segment,
        start: start as u32,
        end: (start + inner) as u32,
    }
}
