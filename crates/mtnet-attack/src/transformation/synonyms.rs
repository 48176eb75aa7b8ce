//! Words swapped by a table that the user gives: what TextFooler (Jin et al. 2020) takes from
//! counter-fitted vectors and PWWS (Ren et al. 2019) from WordNet.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Request, Transformation};
use crate::text::is_countable;
use crate::{AttackError, AttackedText};

/// Words and what may stand in their place. Case does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SynonymTable {
    words: BTreeMap<String, Vec<String>>,
}

impl SynonymTable {
    /// Reads lines of a word, a tab, and its synonyms with tabs between. A word may have several
    /// lines; empty lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// If a line has no synonym, or an empty one, or the table has no word.
    pub fn parse(content: &str) -> Result<Self, AttackError> {
        let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (index, line) in content.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |problem: &str| AttackError::Synonyms {
                line: index + 1,
                problem: problem.to_owned(),
            };
            let mut fields = line.split('\t').map(str::trim);
            let word = fields.next().unwrap_or_default().to_lowercase();
            let synonyms: Vec<String> = fields.map(str::to_owned).collect();
            if word.is_empty() {
                return Err(refuse("found no word before the first tab"));
            }
            if synonyms.is_empty() {
                return Err(refuse(&format!("found no tab behind `{word}`")));
            }
            if synonyms.iter().any(|synonym| !is_countable(synonym)) {
                return Err(refuse(&format!("found an empty synonym of `{word}`")));
            }
            words.entry(word).or_default().extend(synonyms);
        }
        if words.is_empty() {
            return Err(AttackError::Synonyms {
                line: 1,
                problem: "found no word in the whole table".to_owned(),
            });
        }
        Ok(Self { words })
    }

    /// How many words have synonyms.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether no word has any.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Synonyms of a word in the word's case.
    pub fn synonyms(&self, word: &str) -> impl Iterator<Item = String> {
        self.words
            .get(&word.to_lowercase())
            .into_iter()
            .flatten()
            .map(move |synonym| in_case_of(word, synonym))
    }
}

/// `word` as `model` is written: in lower or upper case, or with a capital.
pub(super) fn in_case_of(model: &str, word: &str) -> String {
    let capital = model.chars().next().is_some_and(char::is_uppercase);
    let letters = || model.chars().filter(|letter| letter.is_alphabetic());
    match capital {
        true if letters().count() > 1 && letters().all(char::is_uppercase) => word.to_uppercase(),
        true => capitalised(word),
        false => word.to_owned(),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[derive(Debug)]
pub(super) struct Synonyms {
    table: Arc<SynonymTable>,
}

impl Synonyms {
    pub(super) fn new(table: Arc<SynonymTable>) -> Self {
        Self { table }
    }
}

impl Transformation for Synonyms {
    fn keeps_words(&self) -> bool {
        true
    }

    fn touches(&self, text: &AttackedText, index: usize) -> bool {
        text.word(index)
            .is_some_and(|word| self.table.synonyms(word).next().is_some())
    }

    fn candidates(
        &self,
        text: &AttackedText,
        words: &[usize],
        _: &Request<'_>,
    ) -> Result<Vec<AttackedText>, AttackError> {
        let swaps = words.iter().flat_map(|&index| {
            let word = text.word(index).unwrap_or_default().to_owned();
            let synonyms: Vec<String> = self.table.synonyms(&word).collect();
            synonyms
                .into_iter()
                .filter(move |synonym| *synonym != word)
                .map(move |synonym| text.replace(index, &synonym))
        });
        Ok(swaps.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_and_keeps_the_case_of_a_word() {
        let table = SynonymTable::parse("# mine\nGood\tfine\tdecent\n\ngood\tsolid\nfilm\tmovie\n")
            .unwrap();
        let of = |word: &str| table.synonyms(word).collect::<Vec<_>>();
        assert_eq!(table.len(), 2);
        assert_eq!(of("good"), ["fine", "decent", "solid"]);
        assert_eq!(of("Film"), ["Movie"]);
        assert_eq!(of("FILM"), ["MOVIE"]);
        assert!(of("bad").is_empty());
    }

    #[test]
    fn broken_lines_are_named() {
        for (content, expected) in [
            ("good fine", "line 1: found no tab behind `good fine`"),
            ("a\tb\n\tc", "line 2: found no word before the first tab"),
            ("a\tb\n\nc\td\t", "line 3: found an empty synonym of `c`"),
            ("# nothing\n", "line 1: found no word in the whole table"),
        ] {
            let message = SynonymTable::parse(content).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
