//! Texts in which some words have a slip, to train with.
//!
//! Training on words with swapped, dropped, added and mistyped characters is the augmentation that
//! Pruthi, Dhingra and Lipton 2019 ("Combating Adversarial Misspellings with Robust Word
//! Recognition", §3.1) compare with, and that Belinkov and Bisk 2018 train translation with. Words
//! stay where they are: where the data says which they are, as for tagging, the text is built anew
//! around them, and labels of words keep their places.

use mtnet_core::{InputText, RandomStream, Segment};

use super::{CharacterEdit, Ends};
use crate::split_words;

/// Which slips, and how many.
#[derive(Clone, Debug, PartialEq)]
pub struct CharacterNoise {
    probability: f64,
    edits: Vec<CharacterEdit>,
}

impl CharacterNoise {
    /// One of `edits` in each word with this probability.
    pub fn new(probability: f64, edits: &[CharacterEdit]) -> Self {
        Self {
            probability,
            edits: edits.to_vec(),
        }
    }

    /// The text with slips. Where it states no words they are found by [`split_words`]. Words that
    /// none of the edits can change stay, as do all of one character.
    pub fn apply(&self, text: &InputText, stream: RandomStream) -> InputText {
        let segment = |segment, name| self.segment(segment, stream.child(name));
        match text {
            InputText::Single(first) => InputText::Single(segment(first, "first")),
            InputText::Pair(first, second) => {
                InputText::Pair(segment(first, "first"), segment(second, "second"))
            }
        }
    }

    fn segment(&self, segment: &Segment, stream: RandomStream) -> Segment {
        let words = match segment.words() {
            Some(words) => words.to_vec(),
            None => split_words(segment.text()),
        };
        let mut text = String::with_capacity(segment.text().len());
        let mut ranges = Vec::with_capacity(words.len());
        let mut behind = 0;
        for (index, word) in words.into_iter().enumerate() {
            text.push_str(&segment.text()[behind..word.start]);
            let start = text.len();
            let letters = &segment.text()[word.clone()];
            match self.slip(letters, &mut stream.at(index as u64)) {
                Some(changed) => text.push_str(&changed),
                None => text.push_str(letters),
            }
            ranges.push(start..text.len());
            behind = word.end;
        }
        text.push_str(&segment.text()[behind..]);
        match segment.words() {
            // Ranges that were built as the text was: they fit.
            Some(_) => Segment::with_words(text, ranges).expect("words of the text just built"),
            None => Segment::from_text(text),
        }
    }

    /// A word with its slip; `None` where it stays. An edit that cannot be made, such as another key
    /// in a number, leaves the word to the next one, so that the share of words is kept.
    fn slip(&self, word: &str, stream: &mut RandomStream) -> Option<String> {
        if self.edits.is_empty() || stream.uniform_f64() >= self.probability {
            return None;
        }
        let first = stream.below(self.edits.len() as u32) as usize;
        let (before, from) = self.edits.split_at(first);
        from.iter()
            .chain(before)
            .find_map(|edit| edit.apply(word, Ends::default(), stream))
    }
}
