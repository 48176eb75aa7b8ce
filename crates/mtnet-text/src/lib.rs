//! From text to packed token batches, with every token's place in the text kept.
//!
//! A [`TextTokenizer`] reads a published `tokenizer.json`, or one that [`train_wordpiece`] made
//! from a run's own text. It encodes a text into [`Window`]s: tokens, their byte ranges in the
//! running text, and for each word the token that stands for it. [`pack`] lays windows end to end.
//!
//! ```
//! use mtnet_core::{InputText, Segment};
//! use mtnet_text::{EncodeOptions, WordPieceConfig, train_wordpiece};
//!
//! let texts = ["book a table", "book a flight", "a table for two"];
//! let config = WordPieceConfig { min_frequency: 1, ..WordPieceConfig::default() };
//! let tokenizer = train_wordpiece(texts.into_iter(), &config, &[])?;
//!
//! let text = "Book a table";
//! let input = InputText::Single(Segment::with_words(text, vec![0..4, 5..6, 7..12])?);
//! let encoded = tokenizer.encode(&input, &EncodeOptions { max_length: 16, windows: true, overlap: None })?;
//! let window = &encoded.windows[0];
//! // The third word is read from its first subword, which is a slice of the text.
//! let token = window.word_tokens[2] as usize;
//! let span = window.spans[token].unwrap();
//! assert_eq!(&text[span.start as usize..span.end as usize], "table");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alignment;
mod assemble;
mod cache;
pub mod characters;
mod encoded;
mod error;
mod guard;
mod hash;
mod pack;
mod piece;
mod template;
mod tokenizer;
mod wordpiece;
mod words;

pub use cache::TokenCache;
pub use encoded::{EncodeOptions, EncodedText, TokenSpan, Window};
pub use error::TextError;
pub use pack::{PackItem, batches_by_tokens, pack};
pub use tokenizer::TextTokenizer;
pub use wordpiece::{WordPieceConfig, train_wordpiece};
pub use words::split_words;
