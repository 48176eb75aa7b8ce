//! Attachment scores of dependency trees on the same words.
//!
//! UAS is the share of words with the right head, LAS of those with the right head and relation
//! (Buchholz and Marsi 2006, CoNLL-X). CLAS is the F1 of head and relation over content words
//! alone (Nivre and Fang 2017, *Universal Dependency evaluation*). In LAS and CLAS a relation
//! counts without its language-specific subtype (`nsubj:pass` is `nsubj`), as in the CoNLL 2018
//! evaluation (Zeman et al. 2018, §4); punctuation counts in UAS and LAS.

use serde::{Deserialize, Serialize};

use crate::counts::ratio;
use crate::{Counts, MetricError, checks};

/// Relations of function words and punctuation, which CLAS leaves out.
const NOT_CONTENT: [&str; 8] = ["aux", "case", "cc", "clf", "cop", "det", "mark", "punct"];

/// How a word hangs in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attachment<S> {
    /// Position of the head among the words of the sentence, from 1; 0 for the root.
    pub head: usize,
    /// Relation to the head, with or without subtype.
    pub relation: S,
}

/// Attachment scores of at least one word, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DependencyScores {
    /// UAS: share of words with the right head.
    pub unlabeled_attachment: f64,
    /// LAS: share of words with the right head and relation, without subtype.
    pub labeled_attachment: f64,
    /// As LAS, but subtypes must agree too.
    pub labeled_attachment_with_subtypes: f64,
    /// CLAS: F1 of head and relation, without subtype, of content words; 0 where there are none.
    pub content_labeled_attachment: f64,
}

impl DependencyScores {
    /// Scores predicted trees; a sentence is a list of its words' attachments.
    ///
    /// # Errors
    /// If there are no words, or the sentences differ in number or length.
    pub fn new<S, R, A, B>(truth: &[A], predicted: &[B]) -> Result<Self, MetricError>
    where
        S: AsRef<str>,
        R: AsRef<str>,
        A: AsRef<[Attachment<S>]>,
        B: AsRef<[Attachment<R>]>,
    {
        checks::paired_sequences("predicted sentences", predicted, "true sentences", truth)?;
        let mut words = 0;
        let mut heads = 0;
        let mut labeled = 0;
        let mut with_subtypes = 0;
        let mut content = Counts::default();
        for (truth, predicted) in truth.iter().zip(predicted) {
            for (truth, predicted) in truth.as_ref().iter().zip(predicted.as_ref()) {
                let same_head = truth.head == predicted.head;
                let (full, predicted_full) = (truth.relation.as_ref(), predicted.relation.as_ref());
                let (relation, predicted_relation) = (universal(full), universal(predicted_full));
                let is_right = same_head && relation == predicted_relation;
                words += 1;
                heads += u64::from(same_head);
                labeled += u64::from(is_right);
                with_subtypes += u64::from(same_head && full == predicted_full);

                let is_true_content = is_content(relation);
                content.true_positives += u64::from(is_true_content && is_right);
                content.false_negatives += u64::from(is_true_content && !is_right);
                content.false_positives += u64::from(is_content(predicted_relation) && !is_right);
            }
        }
        checks::not_empty("words", words as usize)?;
        Ok(Self {
            unlabeled_attachment: ratio(heads, words),
            labeled_attachment: ratio(labeled, words),
            labeled_attachment_with_subtypes: ratio(with_subtypes, words),
            content_labeled_attachment: content.f1(),
        })
    }
}

fn universal(relation: &str) -> &str {
    relation
        .split_once(':')
        .map_or(relation, |(universal, _)| universal)
}

fn is_content(universal: &str) -> bool {
    !NOT_CONTENT.contains(&universal)
}
