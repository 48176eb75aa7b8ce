//! One answer a text from the answers of its windows.

use std::collections::BTreeMap;

use mtnet_core::SequenceSource;
use mtnet_heads::{Answer, merge_spans};

/// Puts the answers of windows together: tags one behind the other, in order of their words;
/// the best spans of all windows; anything else as the first window answered.
///
/// Gives the answer of each example that occurs in `sources`.
pub fn merge_windows(
    answers: impl IntoIterator<Item = (SequenceSource, Answer)>,
) -> BTreeMap<usize, Answer> {
    let mut windows: Vec<(SequenceSource, Answer)> = answers.into_iter().collect();
    windows.sort_by_key(|(source, _)| *source);
    let mut merged: BTreeMap<usize, Answer> = BTreeMap::new();
    for (source, answer) in windows {
        match (merged.get_mut(&source.example), answer) {
            (
                Some(Answer::Tags {
                    tags,
                    probabilities,
                }),
                Answer::Tags {
                    tags: more,
                    probabilities: theirs,
                },
            ) => {
                tags.extend(more);
                probabilities.extend(theirs);
            }
            (
                Some(Answer::Spans { spans, null }),
                Answer::Spans {
                    spans: more,
                    null: theirs,
                },
            ) => merge_spans((spans, null), (&more, theirs)),
            (Some(_), _) => {}
            (None, answer) => {
                merged.insert(source.example, answer);
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_join_in_the_order_of_their_words() {
        let tags = |tags: &[u32]| Answer::Tags {
            tags: tags.to_vec(),
            probabilities: vec![0.5; tags.len()],
        };
        let at = |example, first_word| SequenceSource {
            example,
            first_word,
        };
        let merged = merge_windows([
            (at(4, 2), tags(&[7, 8])),
            (at(1, 0), tags(&[3])),
            (at(4, 0), tags(&[5, 6])),
        ]);
        assert_eq!(merged[&4], tags(&[5, 6, 7, 8]));
        assert_eq!(merged[&1], tags(&[3]));
    }
}
