//! A word with changed characters: every change once a variant, each at a place of its own draw.

use super::{Request, Transformation};
use crate::{AttackError, AttackedText};
use mtnet_text::characters::{CharacterEdit, Ends};

#[derive(Debug)]
pub(super) struct Characters {
    edits: Vec<CharacterEdit>,
    ends: Ends,
    variants: usize,
}

impl Characters {
    pub(super) fn new(edits: Vec<CharacterEdit>, ends: Ends, variants: usize) -> Self {
        Self {
            edits,
            ends,
            variants,
        }
    }
}

impl Transformation for Characters {
    fn keeps_words(&self) -> bool {
        self.edits.iter().all(|edit| edit.keeps_words())
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
            // A draw depends on the word as it stands, so that a word changed twice is not
            // changed in the same way again, whichever way the search took.
            let stream = request.stream.at(index as u64).child(word);
            for &edit in &self.edits {
                for variant in 0..self.variants {
                    let mut stream = stream.child(edit.name()).at(variant as u64);
                    if let Some(changed) = edit.apply(word, self.ends, &mut stream) {
                        candidates.push(text.replace(index, &changed));
                    }
                }
            }
        }
        Ok(candidates)
    }
}
