//! All constraints of an attack as settings.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Constraint;
use super::distance::WithinDistance;
use super::modify_once::ModifyOnce;
use super::numbers::KeepNumbers;
use super::short_words::KeepShortWords;
use super::stop_words::KeepStopWords;
use super::words_changed::{WordsChanged, WordsShare};
use crate::AttackError;

/// What may be changed. By default everything may.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Constraints {
    /// Whether a word is changed once at most.
    pub modify_once: bool,
    /// Whether English function words stay as they are.
    pub keep_stop_words: bool,
    /// Whether words with a digit stay as they are.
    pub keep_numbers: bool,
    /// Words with fewer characters stay as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_word_length: Option<usize>,
    /// Words that may differ from the original, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_words: Option<usize>,
    /// The same as a share of the text's words, from 0 to 1; one word always may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_words_share: Option<f64>,
    /// Edits of characters from the original, at most (Levenshtein).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_distance: Option<usize>,
}

impl Constraints {
    /// The rules that these settings make.
    ///
    /// # Errors
    /// If a share lies outside 0 to 1.
    pub(crate) fn build(&self) -> Result<Vec<Box<dyn Constraint>>, AttackError> {
        let mut rules: Vec<Box<dyn Constraint>> = Vec::new();
        if self.modify_once {
            rules.push(Box::new(ModifyOnce));
        }
        if self.keep_stop_words {
            rules.push(Box::new(KeepStopWords));
        }
        if self.keep_numbers {
            rules.push(Box::new(KeepNumbers));
        }
        if let Some(min) = self.min_word_length {
            rules.push(Box::new(KeepShortWords { min }));
        }
        if let Some(max) = self.max_words {
            rules.push(Box::new(WordsChanged { max }));
        }
        if let Some(max) = self.max_words_share {
            if !(0.0..=1.0).contains(&max) {
                return Err(AttackError::Setting {
                    key: "max_words_share",
                    found: max.to_string(),
                    expected: "a number from 0 to 1",
                });
            }
            rules.push(Box::new(WordsShare { max }));
        }
        if let Some(max) = self.max_distance {
            rules.push(Box::new(WithinDistance { max }));
        }
        Ok(rules)
    }
}

impl fmt::Display for Constraints {
    /// The rules in words, for a report.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rules = Vec::new();
        if self.modify_once {
            rules.push("each word once".to_owned());
        }
        if self.keep_stop_words {
            rules.push("no function words".to_owned());
        }
        if self.keep_numbers {
            rules.push("no numbers".to_owned());
        }
        if let Some(min) = self.min_word_length {
            rules.push(format!("words of {min} characters or more"));
        }
        if let Some(max) = self.max_words {
            rules.push(format!("at most {max} words"));
        }
        if let Some(max) = self.max_words_share {
            rules.push(format!("at most {:.0} % of the words", 100.0 * max));
        }
        if let Some(max) = self.max_distance {
            rules.push(format!("at most {max} edits"));
        }
        match rules.is_empty() {
            true => f.write_str("none"),
            false => f.write_str(&rules.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use mtnet_core::{InputText, Segment};

    use super::*;
    use crate::AttackedText;

    fn text() -> AttackedText {
        let text = "The 3 films were not so good, I think";
        AttackedText::new(&InputText::Single(Segment::from_text(text)))
    }

    /// Words that the rules let change, and whether a text with some words changed passes.
    #[track_caller]
    fn check(rules: Constraints, words: &[&str], changed: &[usize], passes: bool) {
        let changed = changed
            .iter()
            .fold(text(), |text, &index| text.replace(index, "xx"));
        let rules = rules.build().unwrap();
        let allowed: Vec<&str> = (0..changed.len())
            .filter(|&index| rules.iter().all(|rule| rule.allows_word(&changed, index)))
            .map(|index| changed.word(index).unwrap())
            .collect();
        assert_eq!(allowed, words);
        assert_eq!(rules.iter().all(|rule| rule.allows(&changed)), passes);
    }

    const ALL: [&str; 10] = [
        "The", "3", "films", "were", "not", "so", "good", ",", "I", "think",
    ];

    #[test]
    fn each_rule_alone() {
        let none = Constraints::default;
        check(none(), &ALL, &[], true);
        let rules = Constraints {
            keep_stop_words: true,
            ..none()
        };
        check(rules, &["3", "films", "good", ",", "think"], &[], true);
        let rules = Constraints {
            keep_numbers: true,
            ..none()
        };
        check(
            rules,
            &[
                "The", "films", "were", "not", "so", "good", ",", "I", "think",
            ],
            &[],
            true,
        );
        let rules = Constraints {
            min_word_length: Some(4),
            ..none()
        };
        check(rules, &["films", "were", "good", "think"], &[], true);
        let rules = Constraints {
            modify_once: true,
            ..none()
        };
        check(
            rules,
            &["The", "3", "were", "not", "so", "good", ",", "I", "think"],
            &[2],
            true,
        );
        for (changed, passes) in [(&[2][..], true), (&[2, 6], true), (&[2, 6, 9], false)] {
            let words: Vec<&str> = (0..10)
                .map(|index| {
                    if changed.contains(&index) {
                        "xx"
                    } else {
                        ALL[index]
                    }
                })
                .collect();
            let rules = Constraints {
                max_words: Some(2),
                ..none()
            };
            check(rules, &words, changed, passes);
            // 30 % of nine words are two.
            let rules = Constraints {
                max_words_share: Some(0.3),
                ..none()
            };
            check(rules, &words, changed, passes);
            // "films" to "xx" is five edits, "good" to "xx" four.
            let rules = Constraints {
                max_distance: Some(9),
                ..none()
            };
            check(rules, &words, changed, passes);
        }
    }

    #[test]
    fn one_word_may_always_change() {
        let rules = Constraints {
            max_words_share: Some(0.0),
            ..Constraints::default()
        };
        let changed = text().replace(2, "xx");
        assert!(
            rules
                .build()
                .unwrap()
                .iter()
                .all(|rule| rule.allows(&changed))
        );
        let rules = Constraints {
            max_words_share: Some(1.5),
            ..Constraints::default()
        };
        assert!(
            rules
                .build()
                .unwrap_err()
                .to_string()
                .contains("`max_words_share` is 1.5")
        );
    }
}
