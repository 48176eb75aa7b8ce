//! The name of a cache entry: a hash of tokenizer, options and texts.

use mtnet_core::InputText;
use sha2::{Digest, Sha256};

use crate::hash::hex;
use crate::{EncodeOptions, TextTokenizer};

/// Changes when encoding, or the layout of a cache file, does.
const FORMAT: &[u8] = b"mtnet-text encoded texts 3";

/// SHA-256 of all that the encoded texts follow from, as hexadecimal digits.
pub(super) fn key(
    tokenizer: &TextTokenizer,
    texts: &[&InputText],
    options: &EncodeOptions,
) -> String {
    let mut hash = Sha256::new();
    add(&mut hash, FORMAT);
    add(&mut hash, tokenizer.content_hash().as_bytes());
    add_number(&mut hash, options.max_length);
    add_number(&mut hash, usize::from(options.windows));
    add_number(&mut hash, options.overlap.unwrap_or(usize::MAX));
    add_number(&mut hash, texts.len());
    for text in texts {
        add_number(&mut hash, 1 + text.second().iter().len());
        for segment in std::iter::once(text.first()).chain(text.second()) {
            add(&mut hash, segment.text().as_bytes());
            // A text without words is not a text whose words are unknown.
            add_number(&mut hash, segment.words().map_or(usize::MAX, <[_]>::len));
            for word in segment.words().unwrap_or_default() {
                add_number(&mut hash, word.start);
                add_number(&mut hash, word.end);
            }
        }
    }
    hex(&hash.finalize())
}

/// Bytes behind their number, so that no two lists of parts look alike.
fn add(hash: &mut Sha256, bytes: &[u8]) {
    add_number(hash, bytes.len());
    hash.update(bytes);
}

fn add_number(hash: &mut Sha256, number: usize) {
    hash.update((number as u64).to_le_bytes());
}
