//! A text whose words are changed one by one, and that knows what it was.
//!
//! Every word of the original keeps its number, whatever becomes of it, so labels of words stay
//! where they belong and a second change of a word is seen as one. What stands between words is
//! never touched; it goes with a word that is deleted.

use std::ops::Range;
use std::sync::Arc;

use mtnet_core::{InputText, Segment};
use mtnet_text::split_words;

use crate::distance::{levenshtein, levenshtein_within};

/// A text under attack. Of a pair, the first text; the second stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct AttackedText {
    original: Arc<Original>,
    words: Vec<Word>,
}

#[derive(Debug, PartialEq)]
struct Original {
    text: String,
    words: Vec<Range<usize>>,
    /// Whether the data set says where words lie: a task that tags them needs the same words.
    stated: bool,
    second: Option<Segment>,
}

#[derive(Clone, Debug, PartialEq)]
enum Word {
    Kept,
    Replaced(Arc<str>),
    Deleted,
}

impl AttackedText {
    /// The text as it is. Where the data set states no words they are found by [`split_words`].
    pub fn new(input: &InputText) -> Self {
        let first = input.first();
        let words = match first.words() {
            Some(words) => words.to_vec(),
            None => split_words(first.text()),
        };
        let states = vec![Word::Kept; words.len()];
        Self {
            original: Arc::new(Original {
                text: first.text().to_owned(),
                words,
                stated: first.words().is_some(),
                second: input.second().cloned(),
            }),
            words: states,
        }
    }

    /// How many words the original has.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether the original has no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// A word as it is now; `None` where it was deleted.
    ///
    /// # Panics
    /// If there is no such word.
    pub fn word(&self, index: usize) -> Option<&str> {
        match &self.words[index] {
            Word::Kept => Some(self.original_word(index)),
            Word::Replaced(word) => Some(word),
            Word::Deleted => None,
        }
    }

    /// A word as it was.
    ///
    /// # Panics
    /// If there is no such word.
    pub fn original_word(&self, index: usize) -> &str {
        &self.original.text[self.original.words[index].clone()]
    }

    /// Whether a word differs from the original.
    ///
    /// # Panics
    /// If there is no such word.
    pub fn is_modified(&self, index: usize) -> bool {
        self.words[index] != Word::Kept
    }

    /// The words that differ from the original.
    pub fn modified(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(|&index| self.is_modified(index))
    }

    /// The words that were not deleted.
    pub fn present(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(|&index| self.words[index] != Word::Deleted)
    }

    /// Words of the original with a letter or a digit in them: what counts as a word in a closing
    /// table and in the share that may be changed.
    pub fn countable(&self) -> usize {
        (0..self.len())
            .filter(|&index| is_countable(self.original_word(index)))
            .count()
    }

    /// Words that are left with a letter or a digit in them.
    pub fn countable_left(&self) -> usize {
        self.present()
            .filter(|&index| self.word(index).is_some_and(is_countable))
            .count()
    }

    /// The text with another word at `index`; the original's own word takes the change back.
    ///
    /// # Panics
    /// If there is no such word.
    #[must_use]
    pub fn replace(&self, index: usize, word: &str) -> Self {
        let mut text = self.clone();
        text.words[index] = match word == self.original_word(index) {
            true => Word::Kept,
            false => Word::Replaced(word.into()),
        };
        text
    }

    /// The text without the word at `index`, nor what stands before it.
    ///
    /// # Panics
    /// If there is no such word.
    #[must_use]
    pub fn delete(&self, index: usize) -> Self {
        let mut text = self.clone();
        text.words[index] = Word::Deleted;
        text
    }

    /// The text with every change taken back.
    #[must_use]
    pub fn restored(&self) -> Self {
        Self {
            original: Arc::clone(&self.original),
            words: vec![Word::Kept; self.len()],
        }
    }

    /// The text as it is now.
    pub fn text(&self) -> String {
        self.layout().0
    }

    /// The text as it was.
    pub fn original_text(&self) -> &str {
        &self.original.text
    }

    /// The second text of a pair.
    pub fn second(&self) -> Option<&str> {
        self.original.second.as_ref().map(Segment::text)
    }

    /// The text as it is now, and where each remaining word lies in it, with its number.
    pub fn layout(&self) -> (String, Vec<(usize, Range<usize>)>) {
        let source = &self.original.text;
        let mut text = String::with_capacity(source.len());
        let mut places = Vec::with_capacity(self.len());
        let mut behind = 0;
        let mut after_deleted_start = false;
        for (index, range) in self.original.words.iter().enumerate() {
            let gap = &source[behind..range.start];
            behind = range.end;
            let Some(word) = self.word(index) else {
                after_deleted_start |= places.is_empty();
                continue;
            };
            // Without its first words a text does not begin with the blank behind them.
            match after_deleted_start && places.is_empty() {
                true => text.push_str(gap.trim_start()),
                false => text.push_str(gap),
            }
            let start = text.len();
            text.push_str(word);
            places.push((index, start..text.len()));
        }
        text.push_str(&source[behind..]);
        (text, places)
    }

    /// What a model reads, with words where the data set states them.
    pub fn to_input(&self) -> InputText {
        self.input(self.original.stated)
    }

    /// What a model reads, with the words of this text whether the data set states them or not.
    pub fn to_input_with_words(&self) -> InputText {
        self.input(true)
    }

    fn input(&self, with_words: bool) -> InputText {
        let (text, places) = self.layout();
        let first = if with_words {
            let words = places.into_iter().map(|(_, range)| range).collect();
            // Places of words in a text that was put together of them are slices of it.
            Segment::with_words(text.clone(), words).unwrap_or_else(|_| Segment::from_text(text))
        } else {
            Segment::from_text(text)
        };
        match &self.original.second {
            Some(second) => InputText::Pair(first, second.clone()),
            None => InputText::Single(first),
        }
    }

    /// Edits of characters from the original.
    pub fn distance(&self) -> usize {
        levenshtein(&self.original.text, &self.text())
    }

    /// Whether [`Self::distance`] is at most `limit`.
    pub fn is_within(&self, limit: usize) -> bool {
        levenshtein_within(&self.original.text, &self.text(), limit)
    }
}

/// Whether a word has a letter or a digit in it.
pub(crate) fn is_countable(word: &str) -> bool {
    word.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> AttackedText {
        AttackedText::new(&InputText::Single(Segment::from_text(text)))
    }

    #[test]
    fn words_change_where_they_stand() {
        let original = text("A fine, fine film.");
        assert_eq!(original.len(), 6);
        assert_eq!(original.countable(), 4);
        let changed = original.replace(1, "fien").replace(4, "flim");
        assert_eq!(changed.text(), "A fien, fine flim.");
        assert_eq!(changed.modified().collect::<Vec<_>>(), [1, 4]);
        assert_eq!(changed.word(1), Some("fien"));
        assert_eq!(changed.original_word(1), "fine");
        assert_eq!(changed.distance(), 4);
        assert!(changed.is_within(4) && !changed.is_within(3));
        assert_eq!(changed.replace(1, "fine").replace(4, "film"), original);
    }

    #[test]
    fn deleted_words_take_the_blank_before_them_along() {
        let original = text("Not bad, not bad at all.");
        for (deleted, expected) in [
            (&[0][..], "bad, not bad at all."),
            (&[1], "Not, not bad at all."),
            (&[2], "Not bad not bad at all."),
            (&[0, 1], ", not bad at all."),
            (&[0, 1, 2], "not bad at all."),
            (&[5, 6], "Not bad, not bad."),
            (&[0, 1, 2, 3, 4, 5, 6, 7], ""),
        ] {
            let shorter = deleted
                .iter()
                .fold(original.clone(), |text, &word| text.delete(word));
            assert_eq!(shorter.text(), expected);
            assert_eq!(shorter.present().count(), 8 - deleted.len());
        }
    }

    #[test]
    fn stated_words_stay_stated_and_keep_their_number() {
        let words = Segment::from_words(&["施力", "的", "大小"], "");
        let pair = InputText::Pair(words, Segment::from_text("b"));
        let changed = AttackedText::new(&pair).replace(1, "地").delete(0);
        let InputText::Pair(first, second) = changed.to_input() else {
            panic!("a pair stays a pair");
        };
        assert_eq!((first.text(), second.text()), ("地大小", "b"));
        assert_eq!(first.words().unwrap(), [0..3, 3..9]);
        assert_eq!(changed.layout().1, [(1, 0..3), (2, 3..9)]);
        assert_eq!(text("a b").to_input().first().words(), None);
        assert!(text("a b").to_input_with_words().first().words().is_some());
    }
}
