//! Encoded texts as bytes: little-endian numbers, each list behind its length.
//!
//! | of | numbers |
//! |---|---|
//! | all | number of texts, texts |
//! | text | dropped tokens, number of windows, windows |
//! | window | first word, number of tokens, ids, type ids, spans, number of words, word tokens |
//! | span | one byte, the segment or 255 for none; start and end if there is one |

use crate::{EncodedText, TokenSpan, Window};

const NO_SPAN: u8 = u8::MAX;

/// The bytes of encoded texts.
pub(super) fn to_bytes(texts: &[EncodedText]) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, texts.len());
    for text in texts {
        put(&mut bytes, text.dropped_tokens);
        put(&mut bytes, text.windows.len());
        for window in &text.windows {
            put(&mut bytes, window.first_word);
            put(&mut bytes, window.input_ids.len());
            put_all(&mut bytes, &window.input_ids);
            put_all(&mut bytes, &window.type_ids);
            for span in &window.spans {
                match span {
                    None => bytes.push(NO_SPAN),
                    Some(span) => {
                        bytes.push(span.segment);
                        put_all(&mut bytes, &[span.start, span.end]);
                    }
                }
            }
            put(&mut bytes, window.word_tokens.len());
            put_all(&mut bytes, &window.word_tokens);
        }
    }
    bytes
}

/// The encoded texts of bytes, `None` if they are not what [`to_bytes`] makes.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Vec<EncodedText>> {
    let mut reader = Reader(bytes);
    let count = reader.number()?;
    let texts = reader.list(count, text)?;
    reader.0.is_empty().then_some(texts)
}

fn text(reader: &mut Reader) -> Option<EncodedText> {
    let dropped_tokens = reader.number()?;
    let count = reader.number()?;
    Some(EncodedText {
        windows: reader.list(count, window)?,
        dropped_tokens,
    })
}

fn window(reader: &mut Reader) -> Option<Window> {
    let first_word = reader.number()?;
    let tokens = reader.number()?;
    let input_ids = reader.list(tokens, Reader::small)?;
    let type_ids = reader.list(tokens, Reader::small)?;
    let spans = reader.list(tokens, span)?;
    let words = reader.number()?;
    Some(Window {
        input_ids,
        type_ids,
        spans,
        first_word,
        word_tokens: reader.list(words, Reader::small)?,
    })
}

fn span(reader: &mut Reader) -> Option<Option<TokenSpan>> {
    let [segment] = reader.take()?;
    if segment == NO_SPAN {
        return Some(None);
    }
    Some(Some(TokenSpan {
        segment,
        start: reader.small()?,
        end: reader.small()?,
    }))
}

fn put(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend((number as u64).to_le_bytes());
}

fn put_all(bytes: &mut Vec<u8>, numbers: &[u32]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// The bytes that are left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, left) = self.0.split_first_chunk()?;
        self.0 = left;
        Some(*taken)
    }

    fn number(&mut self) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.take()?)).ok()
    }

    fn small(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn list<T>(&mut self, count: usize, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        // An item has a byte at least: a wrong count asks for no more memory than that.
        let mut items = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<EncodedText> {
        let span = |segment, start, end| {
            Some(TokenSpan {
                segment,
                start,
                end,
            })
        };
        let window = Window {
            input_ids: vec![2, u32::MAX, 7, 3],
            type_ids: vec![0, 0, 1, 1],
            spans: vec![None, span(0, 0, 5), span(1, 0, u32::MAX), None],
            first_word: 0,
            word_tokens: vec![1],
        };
        let later = Window {
            first_word: 1,
            ..window.clone()
        };
        vec![
            EncodedText {
                windows: vec![window, later],
                dropped_tokens: 9,
            },
            EncodedText::default(),
        ]
    }

    #[test]
    fn texts_come_back_as_they_were() {
        assert_eq!(from_bytes(&to_bytes(&texts())), Some(texts()));
        assert_eq!(from_bytes(&to_bytes(&[])), Some(Vec::new()));
    }

    #[test]
    fn bytes_that_are_cut_or_too_many_or_count_wrongly_are_none() {
        let bytes = to_bytes(&texts());
        for length in 0..bytes.len() {
            assert_eq!(from_bytes(&bytes[..length]), None, "{length}");
        }
        assert_eq!(from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
        let mut many = bytes;
        many[..8].fill(u8::MAX);
        assert_eq!(from_bytes(&many), None);
    }
}
