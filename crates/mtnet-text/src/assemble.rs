//! From the pieces of a text to windows that a model can read.

use std::ops::Range;

use mtnet_core::Segment;

use crate::alignment::first_pieces;
use crate::piece::Piece;
use crate::template::{Frame, Template};
use crate::{EncodeOptions, EncodedText, TextError, Window};

/// Puts pieces into frames, windowing or cutting what is too long.
pub(crate) fn assemble(
    template: &Template,
    text: &Segment,
    mut first: Vec<Piece>,
    mut second: Option<Vec<Piece>>,
    options: &EncodeOptions,
) -> Result<EncodedText, TextError> {
    let (frame, texts) = match second {
        Some(_) => (&template.pair, 2),
        None => (&template.single, 1),
    };
    let special = frame.special();
    if options.max_length < special + texts {
        return Err(TextError::MaxLength {
            found: options.max_length,
            least: special + texts,
            special,
        });
    }
    let length = first.len() + second.as_ref().map_or(0, Vec::len);
    if special + length == 0 {
        return Err(TextError::NoTokens {
            bytes: text.text().len(),
        });
    }
    let room = options.max_length - special;
    let words = text.words().unwrap_or_default();
    if length > room && second.is_none() && options.windows && !words.is_empty() {
        return Ok(windows(frame, &first, words, room));
    }
    if length > room
        && let (Some(second), Some(overlap)) = (&second, options.overlap)
    {
        return Ok(pair_windows(frame, first, second, words, room, overlap));
    }
    if length > room {
        match &mut second {
            Some(second) => cut_pair(&mut first, second, room),
            None => first.truncate(room),
        }
    }
    let kept = first.len() + second.as_ref().map_or(0, Vec::len);
    let heads = first_pieces(words, &first);
    Ok(EncodedText {
        windows: vec![window(frame, &first, second.as_deref(), &heads, 0)],
        dropped_tokens: length - kept,
    })
}

/// Cuts a pair of together more than `room` pieces to `room`: the longer text first, and two long
/// texts to halves, of which an odd piece goes to the longer, or to the second of equals. This is
/// what the `tokenizers` library calls `longest_first`.
fn cut_pair(first: &mut Vec<Piece>, second: &mut Vec<Piece>, room: usize) {
    let shorter = first.len().min(second.len()).min(room / 2);
    let longer = room - shorter;
    if first.len() > second.len() {
        first.truncate(longer);
        second.truncate(shorter);
    } else {
        first.truncate(shorter);
        second.truncate(longer);
    }
}

/// Splits a text at word borders into windows of at most `room` pieces. The pieces of a word
/// are those from its first to the next word's. Words that share a piece across a border of
/// windows have it in both; a single word with more than `room` pieces is cut.
fn windows(frame: &Frame, pieces: &[Piece], words: &[Range<usize>], room: usize) -> EncodedText {
    let heads = first_pieces(words, pieces);
    // Behind the pieces of the words before `next`, of which the last one's head is always one.
    let end_before = |next: usize| {
        let begin = heads.get(next).copied().unwrap_or(pieces.len());
        begin.max(heads[next - 1] + 1)
    };
    let mut encoded = EncodedText::default();
    let (mut word, mut held, mut behind) = (0, 0, 0);
    while word < words.len() {
        // What lies before the first word stays with it, if there is room.
        let leading = if word == 0 { 0 } else { heads[word] };
        let mut next = word + 1;
        let start = if end_before(next) - leading <= room {
            leading
        } else {
            heads[word]
        };
        while next < words.len() && end_before(next + 1) - start <= room {
            next += 1;
        }
        let end = end_before(next).min(start + room);
        let heads: Vec<usize> = heads[word..next].iter().map(|head| head - start).collect();
        encoded
            .windows
            .push(window(frame, &pieces[start..end], None, &heads, word));
        held += end - start.max(behind).min(end);
        behind = end;
        word = next;
    }
    encoded.dropped_tokens = pieces.len() - held;
    encoded
}

/// Splits a pair into windows over its second text, each with the first text before it. The first
/// window is the pair as [`cut_pair`] leaves it, and holds all words; each of the others begins
/// `overlap` pieces before the end of the one before it (Devlin et al. 2019 call the distance of
/// their beginnings the document stride).
fn pair_windows(
    frame: &Frame,
    mut first: Vec<Piece>,
    second: &[Piece],
    words: &[Range<usize>],
    room: usize,
    overlap: usize,
) -> EncodedText {
    let length = first.len();
    let mut beginning = second.to_vec();
    cut_pair(&mut first, &mut beginning, room);
    let held = beginning.len();
    let heads = first_pieces(words, &first);
    let mut encoded = EncodedText {
        windows: vec![window(frame, &first, Some(&beginning), &heads, 0)],
        dropped_tokens: length - first.len(),
    };
    if held == 0 {
        encoded.dropped_tokens += second.len();
        return encoded;
    }
    let (step, mut end) = (held - overlap.min(held / 2), held);
    let mut begin = 0;
    while end < second.len() {
        begin += step;
        end = (begin + held).min(second.len());
        let part = &second[begin..end];
        encoded
            .windows
            .push(window(frame, &first, Some(part), &[], words.len()));
    }
    encoded
}

/// Pieces in their frame; `heads` are the pieces of the first text that stand for its words.
fn window(
    frame: &Frame,
    first: &[Piece],
    second: Option<&[Piece]>,
    heads: &[usize],
    first_word: usize,
) -> Window {
    let mut window = Window {
        first_word,
        ..Window::default()
    };
    add_special(&mut window, &frame.before);
    // Where the text gave no piece, its words are read from the first token there is.
    let offset = match first {
        [] => 0,
        _ => window.input_ids.len(),
    };
    window.word_tokens = heads.iter().map(|head| (offset + head) as u32).collect();
    add_pieces(&mut window, first, frame.first);
    add_special(&mut window, &frame.between);
    add_pieces(&mut window, second.unwrap_or_default(), frame.second);
    add_special(&mut window, &frame.after);
    window
}

fn add_special(window: &mut Window, tokens: &[(u32, u32)]) {
    for &(id, type_id) in tokens {
        window.input_ids.push(id);
        window.type_ids.push(type_id);
        window.spans.push(None);
    }
}

fn add_pieces(window: &mut Window, pieces: &[Piece], type_id: u32) {
    for piece in pieces {
        window.input_ids.push(piece.id);
        window.type_ids.push(type_id);
        window.spans.push(Some(piece.span));
    }
}
