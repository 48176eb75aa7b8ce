//! HotFlip: the swap of a word's piece that raises the loss most to first order.
//!
//! `gain(v) = ∇ · (E[v] − E[current])` with the gradient of the loss at the piece's embedding
//! (Ebrahimi et al. 2018, <https://arxiv.org/abs/1712.06751>, §3.1 and §6 for words). A swap counts
//! only if the tokenizer reads the new text with exactly that piece there.

use std::sync::OnceLock;

use mtnet_text::Window;

use super::vocabulary::Vocabulary;
use super::{Request, Transformation};
use crate::{AttackError, AttackedText, WhiteBox};

/// Pieces that are tried for each one that is wanted, since a tokenizer may read another one.
const TRIES: usize = 6;

#[derive(Debug)]
pub(super) struct GradientSwap {
    candidates: usize,
    min_cosine: Option<f64>,
    vocabulary: OnceLock<Vocabulary>,
}

/// A token that may be swapped.
struct Place {
    token: usize,
    word: usize,
    /// Its bytes in the word.
    start: usize,
    end: usize,
}

impl GradientSwap {
    pub(super) fn new(candidates: usize, min_cosine: Option<f64>) -> Self {
        Self {
            candidates,
            min_cosine,
            vocabulary: OnceLock::new(),
        }
    }

    /// The best pieces for a place, the best first.
    fn ranked(
        &self,
        place: &Place,
        current: u32,
        gains: &[f32],
        cosines: Option<&[f32]>,
        vocabulary: &Vocabulary,
    ) -> Vec<u32> {
        let begins = place.start == 0;
        let mut ranked: Vec<u32> = (0..gains.len() as u32)
            .filter(|&id| {
                let near = self
                    .min_cosine
                    .zip(cosines)
                    .is_none_or(|(min, cosines)| f64::from(cosines[id as usize]) >= min);
                id != current && near
            })
            .filter(|&id| {
                vocabulary
                    .piece(id)
                    .is_some_and(|piece| piece.begins == begins)
            })
            .collect();
        let wanted = (self.candidates * TRIES).min(ranked.len());
        if wanted == 0 {
            return Vec::new();
        }
        let order = |a: &u32, b: &u32| {
            gains[*b as usize]
                .total_cmp(&gains[*a as usize])
                .then(a.cmp(b))
        };
        ranked.select_nth_unstable_by(wanted - 1, order);
        ranked.truncate(wanted);
        ranked.sort_unstable_by(order);
        ranked
    }
}

impl Transformation for GradientSwap {
    fn keeps_words(&self) -> bool {
        true
    }

    fn candidates(
        &self,
        text: &AttackedText,
        words: &[usize],
        request: &Request<'_>,
    ) -> Result<Vec<AttackedText>, AttackError> {
        let (white_box, slope) = request.slope(&text.to_input())?;
        let vocabulary = self
            .vocabulary
            .get_or_init(|| Vocabulary::new(white_box.tokenizer()));
        let places = places(text, words, &slope.window);
        let tokens: Vec<usize> = places.iter().map(|place| place.token).collect();
        let gains = white_box.gains(&slope, &tokens)?;
        let cosines = match self.min_cosine {
            Some(_) => Some(white_box.cosines(&slope, &tokens)?),
            None => None,
        };
        let mut candidates = Vec::new();
        for (row, place) in places.iter().enumerate() {
            let current = slope.window.input_ids[place.token];
            let cosines = cosines.as_ref().map(|rows| rows[row].as_slice());
            let ranked = self.ranked(place, current, &gains[row], cosines, vocabulary);
            let mut found = 0;
            for id in ranked {
                let Some(piece) = vocabulary.piece(id) else {
                    continue;
                };
                let word = text.word(place.word).unwrap_or_default();
                let swapped = format!(
                    "{}{}{}",
                    &word[..place.start],
                    piece.text,
                    &word[place.end..]
                );
                let candidate = text.replace(place.word, &swapped);
                if reads_as(white_box, &candidate, &slope.window, place.token, id)? {
                    candidates.push(candidate);
                    found += 1;
                }
                if found == self.candidates {
                    break;
                }
            }
        }
        Ok(candidates)
    }
}

/// The tokens of the words that may change. Those behind the first window have no slope.
fn places(text: &AttackedText, words: &[usize], window: &Window) -> Vec<Place> {
    let (_, layout) = text.layout();
    let mut places = Vec::new();
    for (token, span) in window.spans.iter().enumerate() {
        let Some(span) = span.filter(|span| span.segment == 0 && span.start < span.end) else {
            continue;
        };
        let (start, end) = (span.start as usize, span.end as usize);
        let at = layout.partition_point(|(_, range)| range.end < end);
        let Some((word, range)) = layout.get(at) else {
            continue;
        };
        if range.start <= start && end <= range.end && words.contains(word) {
            places.push(Place {
                token,
                word: *word,
                start: start - range.start,
                end: end - range.start,
            });
        }
    }
    places
}

/// Whether the tokenizer reads `candidate` as the window with `id` at `token`.
fn reads_as(
    white_box: &WhiteBox<'_>,
    candidate: &AttackedText,
    window: &Window,
    token: usize,
    id: u32,
) -> Result<bool, AttackError> {
    let read = white_box.encode(&candidate.to_input())?;
    let same = |(place, (read, before)): (usize, (&u32, &u32))| match place == token {
        true => *read == id,
        false => read == before,
    };
    Ok(read.input_ids.len() == window.input_ids.len()
        && read
            .input_ids
            .iter()
            .zip(&window.input_ids)
            .enumerate()
            .all(same))
}
