//! All chosen changes of a text.

use mtnet_core::RandomStream;

use super::lists::{CITIES, COUNTRIES, FEMALE_NAMES, MALE_NAMES};
use super::{Invariance, contractions, numbers, punctuation};
use crate::transformation::synonyms::in_case_of;
use crate::transformation::{Request, Transformation};
use crate::{AttackError, AttackedText};
use mtnet_text::characters::{CharacterEdit, Ends};

/// The changes of `kinds`, `variants` candidates of each that draws.
pub(in crate::transformation) fn build(
    kinds: Vec<Invariance>,
    variants: usize,
) -> Box<dyn Transformation> {
    Box::new(Invariances { kinds, variants })
}

#[derive(Debug)]
struct Invariances {
    kinds: Vec<Invariance>,
    variants: usize,
}

impl Transformation for Invariances {
    fn keeps_words(&self) -> bool {
        self.kinds.iter().all(|kind| kind.keeps_words())
    }

    fn touches(&self, text: &AttackedText, index: usize) -> bool {
        text.word(index).is_some()
    }

    fn candidates(
        &self,
        text: &AttackedText,
        words: &[usize],
        request: &Request<'_>,
    ) -> Result<Vec<AttackedText>, AttackError> {
        let mut candidates = Vec::new();
        for &index in words {
            let Some(word) = text.word(index) else {
                continue;
            };
            let stream = request.stream.at(index as u64).child(word);
            for &kind in &self.kinds {
                let stream = stream.child(kind.name());
                candidates.extend(self.changes(kind, text, index, word, &stream));
            }
        }
        Ok(candidates)
    }
}

impl Invariances {
    fn changes(
        &self,
        kind: Invariance,
        text: &AttackedText,
        index: usize,
        word: &str,
        stream: &RandomStream,
    ) -> Vec<AttackedText> {
        let replaced = |words: Vec<String>| {
            let texts = words.into_iter().map(|word| text.replace(index, &word));
            texts.collect()
        };
        match kind {
            Invariance::Names => replaced(self.others(&[FEMALE_NAMES, MALE_NAMES], word, stream)),
            Invariance::Locations => replaced(self.others(&[COUNTRIES, CITIES], word, stream)),
            Invariance::Numbers => replaced(numbers::others(word, self.variants, stream)),
            Invariance::Contractions => contractions::changes(text, index),
            Invariance::Punctuation => punctuation::changes(text, index),
            Invariance::Typos => {
                let draw = |variant: usize| {
                    let mut stream = stream.at(variant as u64);
                    CharacterEdit::Swap.apply(word, Ends::KEPT, &mut stream)
                };
                replaced((0..self.variants).filter_map(draw).collect())
            }
        }
    }

    /// Others of the list that holds `word`, in its case; none where no list does.
    fn others(&self, lists: &[&[&str]], word: &str, stream: &RandomStream) -> Vec<String> {
        let lower = word.to_lowercase();
        let Some(list) = lists
            .iter()
            .find(|list| list.iter().any(|known| known.to_lowercase() == lower))
        else {
            return Vec::new();
        };
        let mut others: Vec<&str> = list.to_vec();
        others.retain(|known| known.to_lowercase() != lower);
        let mut stream = *stream;
        stream.shuffle(&mut others);
        others
            .into_iter()
            .take(self.variants)
            .map(|other| match word == lower {
                true => other.to_lowercase(),
                false => in_case_of(word, other),
            })
            .collect()
    }
}
