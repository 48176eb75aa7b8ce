//! Decoding under the BIO scheme: the best sequence of tags in which every `I-X` follows `B-X` or `I-X`.
//!
//! Viterbi's algorithm over the log-probabilities, with transitions allowed or not (the scheme of
//! Ramshaw and Marcus 1995 in its IOB2 form). Exact, in `words · tags`: a tag's best predecessor
//! is either the best tag of all, or one of the two that its type allows.

/// Which tag may follow which, for a label set in the BIO scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BioConstraint {
    /// For each tag: `None` if it may follow anything, else the tags it may follow.
    after: Vec<Option<Vec<usize>>>,
}

impl BioConstraint {
    /// The constraint of a label set, `None` if its labels are not all `O`, `B-…` or `I-…`.
    pub fn from_labels<S: AsRef<str>>(labels: &[S]) -> Option<Self> {
        let labels: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
        let is_bio =
            |label: &&str| *label == "O" || label.starts_with("B-") || label.starts_with("I-");
        if !labels.iter().all(is_bio) || !labels.iter().any(|label| label.len() > 1) {
            return None;
        }
        let after = labels
            .iter()
            .map(|label| {
                let entity = label.strip_prefix("I-")?;
                let allowed = |other: &&str| {
                    other.strip_prefix("B-") == Some(entity)
                        || other.strip_prefix("I-") == Some(entity)
                };
                Some(
                    (0..labels.len())
                        .filter(|&tag| allowed(&labels[tag]))
                        .collect(),
                )
            })
            .collect();
        Some(Self { after })
    }

    /// Whether `tag` may stand behind `before`, or first where that is `None`.
    pub fn allows(&self, before: Option<usize>, tag: usize) -> bool {
        match (&self.after[tag], before) {
            (None, _) => true,
            (Some(allowed), Some(before)) => allowed.contains(&before),
            (Some(_), None) => false,
        }
    }

    /// The allowed sequence of tags with the largest sum of scores; `scores` holds one row of
    /// `tags` log-probabilities a word.
    pub fn decode(&self, scores: &[f32], tags: usize) -> Vec<u32> {
        assert_eq!(tags, self.after.len(), "columns of the scores");
        let words = scores.len() / tags;
        let mut best = vec![f64::NEG_INFINITY; tags];
        let mut back = vec![0usize; words * tags];
        for (word, row) in scores.chunks_exact(tags).enumerate() {
            let leader = argmax(&best);
            let before = best.clone();
            for tag in 0..tags {
                let from = match &self.after[tag] {
                    None => Some(leader),
                    Some(_) if word == 0 => None,
                    Some(allowed) => allowed
                        .iter()
                        .copied()
                        .reduce(|a, b| if before[b] > before[a] { b } else { a }),
                };
                let so_far = match from {
                    _ if word == 0 && self.after[tag].is_none() => 0.0,
                    Some(from) => before[from],
                    None => f64::NEG_INFINITY,
                };
                back[word * tags + tag] = from.unwrap_or(0);
                best[tag] = so_far + f64::from(row[tag]);
            }
        }
        let mut tag = argmax(&best);
        let mut path = vec![0u32; words];
        for word in (0..words).rev() {
            path[word] = tag as u32;
            tag = back[word * tags + tag];
        }
        path
    }
}

fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtnet_core::RandomStream;

    const LABELS: [&str; 5] = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];

    /// The best allowed path, by trying all of them.
    fn exhaustive(constraint: &BioConstraint, scores: &[f32], words: usize) -> f64 {
        let tags = LABELS.len();
        let mut best = f64::NEG_INFINITY;
        for code in 0..tags.pow(words as u32) {
            let path: Vec<usize> = (0..words)
                .map(|word| code / tags.pow(word as u32) % tags)
                .collect();
            let allowed = (0..words).all(|word| {
                constraint.allows(word.checked_sub(1).map(|before| path[before]), path[word])
            });
            if allowed {
                best = best.max(
                    path.iter()
                        .enumerate()
                        .map(|(word, tag)| f64::from(scores[word * tags + tag]))
                        .sum(),
                );
            }
        }
        best
    }

    #[test]
    fn the_path_is_allowed_and_the_best_of_all() {
        let constraint = BioConstraint::from_labels(&LABELS).unwrap();
        let mut stream = RandomStream::new(3);
        for words in 1..=5 {
            for _ in 0..40 {
                let scores: Vec<f32> = (0..words * 5).map(|_| stream.normal() as f32).collect();
                let path: Vec<u32> = constraint.decode(&scores, 5);
                for word in 0..words {
                    let before = usize::checked_sub(word, 1).map(|before| path[before] as usize);
                    assert!(constraint.allows(before, path[word] as usize), "{path:?}");
                }
                let sum: f64 = path
                    .iter()
                    .enumerate()
                    .map(|(word, &tag)| f64::from(scores[word * 5 + tag as usize]))
                    .sum();
                assert!((sum - exhaustive(&constraint, &scores, words)).abs() < 1e-9);
            }
        }
        assert!(constraint.decode(&[], 5).is_empty());
    }

    #[test]
    fn other_label_sets_are_left_alone() {
        assert_eq!(BioConstraint::from_labels(&["NOUN", "VERB"]), None);
        assert_eq!(BioConstraint::from_labels(&["O"]), None);
        assert!(BioConstraint::from_labels(&["O", "B-x", "I-x"]).is_some());
    }
}
