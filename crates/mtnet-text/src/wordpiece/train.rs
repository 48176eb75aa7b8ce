//! From texts to a BERT-like tokenizer (Devlin et al. 2019, §3,
//! <https://arxiv.org/abs/1810.04805>): inner pieces carry `##`, and a word is read by its longest
//! pieces from the left (Wu et al. 2016, §4.1, <https://arxiv.org/abs/1609.08144>).

use serde_json::{Map, json};

use super::count::count_words;
use super::json::tokenizer_json;
use super::merges::learn;
use super::{SPECIAL, WordPieceConfig};
use crate::{TextError, TextTokenizer};

/// Learns a vocabulary from texts and makes a BERT-like tokenizer of it. `extra_words` become
/// whole pieces whether or not they occur, such as the words of word vectors; with
/// [`lowercase`](WordPieceConfig::lowercase), those with capitals are left out, since none could
/// be met, and without it, those of a list without any capitals (the words of GloVe) join with a
/// capital first as well, since most words can begin a sentence. The same texts, in any order, give the same tokenizer.
///
/// # Errors
/// If no text holds a word, or the size leaves no room beside the special tokens.
pub fn train_wordpiece<'a>(
    texts: impl Iterator<Item = &'a str>,
    config: &WordPieceConfig,
    extra_words: &[String],
) -> Result<TextTokenizer, TextError> {
    if config.vocab_size < 2 * SPECIAL.len() {
        return Err(TextError::Setting {
            setting: "vocab_size",
            found: config.vocab_size,
            expected: "at least 10",
        });
    }
    let counts = count_words(texts, config.lowercase)?;
    if counts.is_empty() {
        return Err(TextError::NoWords);
    }
    let room = config.vocab_size - SPECIAL.len();
    let extra = extra_words
        .iter()
        .filter(|word| !config.lowercase || is_lower(word))
        .cloned();
    let adds_capitals = !config.lowercase && extra_words.iter().all(|word| is_lower(word));
    let capitals = extra_words
        .iter()
        .filter(|_| adds_capitals)
        .map(|word| with_a_capital(word));
    let pieces = SPECIAL
        .into_iter()
        .map(str::to_owned)
        .chain(extra)
        .chain(capitals)
        .chain(learn(&counts, room, config.min_frequency));
    let mut vocab = Map::new();
    for piece in pieces {
        let id = vocab.len();
        vocab.entry(piece).or_insert_with(|| json!(id));
    }
    let json = tokenizer_json(vocab, config.lowercase);
    TextTokenizer::from_json(json.to_string().as_bytes())
}

/// Whether lower-casing changes nothing.
fn is_lower(word: &str) -> bool {
    word == word.to_lowercase()
}

/// The word with its first letter as a capital.
fn with_a_capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
