//! A WordPiece vocabulary from a run's own text, for encoders from scratch.
//!
//! Pieces grow as in byte-pair encoding (Sennrich, Haddow and Birch 2016,
//! <https://arxiv.org/abs/1508.07909>): the most frequent neighbouring pair becomes a piece, until
//! the vocabulary is full; inner pieces carry `##`, and text is cut by the longest piece first (Wu
//! et al. 2016). Equally frequent pairs go in the order of their letters, so the same text gives
//! the same vocabulary, which the `tokenizers` library's own trainer does not promise.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{
    NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer,
};

use crate::{TextError, TextTokenizer};

/// The `[tokenizer]` table of a run file: the vocabulary of an encoder from scratch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WordPieceConfig {
    /// Pieces at most, special tokens included and words of word vectors not. Default 8000.
    pub vocab_size: usize,
    /// How often a pair must occur to become a piece. Default 2.
    pub min_frequency: u64,
    /// Whether letters are lower-cased and accents dropped. Default true.
    pub lowercase: bool,
}

impl Default for WordPieceConfig {
    fn default() -> Self {
        Self {
            vocab_size: 8000,
            min_frequency: 2,
            lowercase: true,
        }
    }
}

const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const PREFIX: &str = "##";

/// Learns a vocabulary from texts and makes a BERT-like tokenizer of it. `extra_words` become
/// whole pieces whether or not they occur, such as the words of word vectors.
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
        .filter(|word| !config.lowercase || **word == word.to_lowercase())
        .cloned();
    let pieces = SPECIAL
        .into_iter()
        .map(str::to_owned)
        .chain(extra)
        .chain(Trainer::new(&counts).run(room, config.min_frequency));
    let mut vocab = Map::new();
    for piece in pieces {
        let id = vocab.len();
        vocab.entry(piece).or_insert_with(|| json!(id));
    }
    let json = tokenizer_json(vocab, config.lowercase);
    TextTokenizer::from_json(json.to_string().as_bytes())
}

/// How often each word occurs, after normalisation and splitting as in BERT.
fn count_words<'a>(
    texts: impl Iterator<Item = &'a str>,
    lowercase: bool,
) -> Result<BTreeMap<String, u64>, TextError> {
    let normalizer = BertNormalizer::new(true, true, None, lowercase);
    let mut counts = BTreeMap::new();
    for text in texts {
        let failed = |error: tokenizers::Error| TextError::Encode {
            bytes: text.len(),
            reason: error.to_string(),
        };
        let mut normalized = NormalizedString::from(text);
        normalizer.normalize(&mut normalized).map_err(failed)?;
        let mut split = PreTokenizedString::from(normalized);
        BertPreTokenizer.pre_tokenize(&mut split).map_err(failed)?;
        for (word, _, _) in split.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
            *counts.entry(word.to_owned()).or_insert(0) += 1;
        }
    }
    Ok(counts)
}

type Pair = (u32, u32);

struct Trainer {
    pieces: Vec<String>,
    /// Words as pieces, with their counts.
    words: Vec<(Vec<u32>, u64)>,
    pair_counts: HashMap<Pair, u64>,
    pair_words: HashMap<Pair, BTreeSet<usize>>,
    heap: BinaryHeap<Candidate>,
}

/// A pair in the queue: the most frequent first, equals in the order of their letters.
#[derive(PartialEq, Eq)]
struct Candidate {
    count: u64,
    letters: std::cmp::Reverse<(String, String)>,
    pair: Pair,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.count, &self.letters).cmp(&(other.count, &other.letters))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Trainer {
    fn new(counts: &BTreeMap<String, u64>) -> Self {
        let letters_of = |word: &str| -> Vec<String> {
            word.chars()
                .enumerate()
                .map(|(at, letter)| {
                    if at == 0 {
                        letter.to_string()
                    } else {
                        format!("{PREFIX}{letter}")
                    }
                })
                .collect()
        };
        let alphabet: BTreeMap<String, ()> = counts
            .keys()
            .flat_map(|word| letters_of(word))
            .map(|letter| (letter, ()))
            .collect();
        let pieces: Vec<String> = alphabet.into_keys().collect();
        let index: HashMap<&str, u32> = pieces
            .iter()
            .enumerate()
            .map(|(id, piece)| (piece.as_str(), id as u32))
            .collect();
        let words = counts
            .iter()
            .map(|(word, &count)| {
                (
                    letters_of(word)
                        .iter()
                        .map(|letter| index[letter.as_str()])
                        .collect(),
                    count,
                )
            })
            .collect();
        let mut trainer = Self {
            pieces,
            words,
            pair_counts: HashMap::new(),
            pair_words: HashMap::new(),
            heap: BinaryHeap::new(),
        };
        let mut pairs = BTreeSet::new();
        for word in 0..trainer.words.len() {
            trainer.count_pairs(word, 1, &mut pairs);
        }
        trainer.queue(pairs);
        trainer
    }

    /// Alphabet and merged pieces, at most `room` of them.
    fn run(mut self, room: usize, min_frequency: u64) -> Vec<String> {
        while self.pieces.len() < room {
            let Some(best) = self.heap.pop() else { break };
            let count = self.pair_counts.get(&best.pair).copied().unwrap_or(0);
            if count < min_frequency.max(1) {
                continue;
            }
            // An entry whose count has fallen since is put back where it belongs now.
            if count == best.count {
                self.merge(best.pair)
            } else {
                self.queue([best.pair])
            }
        }
        self.pieces.truncate(room);
        self.pieces
    }

    fn merge(&mut self, pair: Pair) {
        let right = &self.pieces[pair.1 as usize];
        let merged = format!(
            "{}{}",
            self.pieces[pair.0 as usize],
            right.strip_prefix(PREFIX).unwrap_or(right)
        );
        let id = self.pieces.len() as u32;
        self.pieces.push(merged);
        let mut touched = BTreeSet::new();
        for word in self.pair_words.remove(&pair).unwrap_or_default() {
            self.count_pairs(word, -1, &mut touched);
            let pieces = &mut self.words[word].0;
            let mut at = 0;
            while at + 1 < pieces.len() {
                if (pieces[at], pieces[at + 1]) == pair {
                    pieces[at] = id;
                    pieces.remove(at + 1);
                }
                at += 1;
            }
            self.count_pairs(word, 1, &mut touched);
        }
        self.pair_counts.remove(&pair);
        touched.remove(&pair);
        self.queue(touched);
    }

    /// Adds a word's pairs to the counts, or takes them away.
    fn count_pairs(&mut self, word: usize, sign: i64, touched: &mut BTreeSet<Pair>) {
        let (pieces, count) = &self.words[word];
        for pair in pieces.windows(2).map(|pair| (pair[0], pair[1])) {
            let total = self.pair_counts.entry(pair).or_insert(0);
            *total = total.saturating_add_signed(sign * *count as i64);
            if sign > 0 {
                self.pair_words.entry(pair).or_default().insert(word);
                touched.insert(pair);
            }
        }
    }

    fn queue(&mut self, pairs: impl IntoIterator<Item = Pair>) {
        for pair in pairs {
            let letters = (
                self.pieces[pair.0 as usize].clone(),
                self.pieces[pair.1 as usize].clone(),
            );
            let count = self.pair_counts.get(&pair).copied().unwrap_or(0);
            self.heap.push(Candidate {
                count,
                letters: std::cmp::Reverse(letters),
                pair,
            });
        }
    }
}

/// The tokenizer as the library's file format describes it.
fn tokenizer_json(vocab: Map<String, Value>, lowercase: bool) -> Value {
    let added: Vec<Value> = SPECIAL
        .iter()
        .enumerate()
        .map(|(id, token)| {
            json!({
                "id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true
            })
        })
        .collect();
    let special =
        |token: &str, type_id: u32| json!({ "SpecialToken": { "id": token, "type_id": type_id } });
    let text = |id: &str, type_id: u32| json!({ "Sequence": { "id": id, "type_id": type_id } });
    let described = |id: u32, token: &str| json!({ "id": token, "ids": [id], "tokens": [token] });
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": lowercase
        },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("[CLS]", 0), text("A", 0), special("[SEP]", 0)],
            "pair": [
                special("[CLS]", 0), text("A", 0), special("[SEP]", 0), text("B", 1), special("[SEP]", 1)
            ],
            "special_tokens": { "[CLS]": described(2, "[CLS]"), "[SEP]": described(3, "[SEP]") }
        },
        "decoder": { "type": "WordPiece", "prefix": PREFIX, "cleanup": true },
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": PREFIX,
            "max_input_chars_per_word": 100, "vocab": vocab
        }
    })
}
