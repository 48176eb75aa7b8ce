//! Growing pieces from letters, the most frequent neighbouring pair at a time (Sennrich, Haddow
//! and Birch 2016, §3.2, <https://arxiv.org/abs/1508.07909>).
//!
//! Equally frequent pairs go in the order of their letters, so the same text gives the same
//! pieces, which the `tokenizers` library's own trainer does not promise.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::PREFIX;
use super::queue::{Pair, PairQueue};

/// Alphabet and merged pieces of words with their counts, at most `room` of them. Of an alphabet
/// that is larger, the most frequent letters are kept.
pub(super) fn learn(
    counts: &BTreeMap<String, u64>,
    room: usize,
    min_frequency: u64,
) -> Vec<String> {
    let mut merges = Merges::new(counts, room);
    while merges.pieces.len() < room && merges.step(min_frequency.max(1)) {}
    merges.pieces
}

struct Merges {
    pieces: Vec<String>,
    index: HashMap<String, u32>,
    words: Vec<Word>,
    pair_counts: HashMap<Pair, u64>,
    /// Words that have or had the pair.
    pair_words: HashMap<Pair, Vec<usize>>,
    queue: PairQueue,
}

/// A word as pieces, and how often it occurs.
struct Word {
    pieces: Vec<u32>,
    count: u64,
}

impl Merges {
    fn new(counts: &BTreeMap<String, u64>, room: usize) -> Self {
        let pieces = alphabet(counts, room);
        let index: HashMap<String, u32> = pieces.iter().cloned().zip(0..).collect();
        // A word with a letter outside the alphabet is read as unknown: nothing to learn from.
        let words = counts
            .iter()
            .filter_map(|(word, &count)| {
                let pieces = letters(word)
                    .map(|letter| index.get(&letter).copied())
                    .collect::<Option<_>>()?;
                Some(Word { pieces, count })
            })
            .collect();
        let mut merges = Self {
            pieces,
            index,
            words,
            pair_counts: HashMap::new(),
            pair_words: HashMap::new(),
            queue: PairQueue::default(),
        };
        let mut found = BTreeSet::new();
        for word in 0..merges.words.len() {
            for at in 1..merges.words[word].pieces.len() {
                let pieces = &merges.words[word].pieces;
                let pair = (pieces[at - 1], pieces[at]);
                merges.add(pair, word);
                found.insert(pair);
            }
        }
        merges.enqueue(found);
        merges
    }

    /// Takes the next pair from the queue and merges it; false if the queue is empty.
    fn step(&mut self, min_frequency: u64) -> bool {
        let Some(best) = self.queue.pop() else {
            return false;
        };
        let count = self.pair_counts.get(&best.pair).copied().unwrap_or(0);
        if count >= min_frequency {
            // An entry whose count has changed since is put back where it belongs now.
            if count == best.count {
                self.merge(best.pair);
            } else {
                self.enqueue([best.pair]);
            }
        }
        true
    }

    fn merge(&mut self, pair: Pair) {
        let (left, right) = (&self.pieces[pair.0 as usize], &self.pieces[pair.1 as usize]);
        let merged = format!("{left}{}", right.strip_prefix(PREFIX).unwrap_or(right));
        // Several pairs may spell one piece: `ab ##c` and `a ##bc`.
        let next = self.pieces.len() as u32;
        let id = *self.index.entry(merged.clone()).or_insert(next);
        if id == next {
            self.pieces.push(merged);
        }
        let mut grown = BTreeSet::new();
        for word in self.pair_words.remove(&pair).unwrap_or_default() {
            self.replace(word, pair, id, &mut grown);
        }
        self.pair_counts.remove(&pair);
        // A pair that became rarer is put right when the queue hands it out.
        self.enqueue(grown);
    }

    /// Puts `merged` in place of each occurrence of a pair in a word, from the left, and collects
    /// the pairs that it makes with its neighbours.
    fn replace(&mut self, word: usize, pair: Pair, merged: u32, grown: &mut BTreeSet<Pair>) {
        let mut at = 0;
        while at + 1 < self.words[word].pieces.len() {
            let pieces = &mut self.words[word].pieces;
            if (pieces[at], pieces[at + 1]) == pair {
                pieces[at] = merged;
                pieces.remove(at + 1);
                let before = at.checked_sub(1).map(|before| pieces[before]);
                let behind = pieces.get(at + 1).copied();
                if let Some(before) = before {
                    self.remove((before, pair.0), word);
                    self.add((before, merged), word);
                    grown.insert((before, merged));
                }
                if let Some(behind) = behind {
                    self.remove((pair.1, behind), word);
                    self.add((merged, behind), word);
                    grown.insert((merged, behind));
                }
            }
            at += 1;
        }
    }

    /// Counts a pair once more for a word.
    fn add(&mut self, pair: Pair, word: usize) {
        *self.pair_counts.entry(pair).or_insert(0) += self.words[word].count;
        let words = self.pair_words.entry(pair).or_default();
        if words.last() != Some(&word) {
            words.push(word);
        }
    }

    /// Counts a pair once less for a word.
    fn remove(&mut self, pair: Pair, word: usize) {
        if let Some(count) = self.pair_counts.get_mut(&pair) {
            *count -= self.words[word].count;
        }
    }

    fn enqueue(&mut self, pairs: impl IntoIterator<Item = Pair>) {
        for pair in pairs {
            let count = self.pair_counts.get(&pair).copied().unwrap_or(0);
            self.queue.push(pair, count, &self.pieces);
        }
    }
}

/// The letters that words are made of, in order.
fn alphabet(counts: &BTreeMap<String, u64>, room: usize) -> Vec<String> {
    let mut letter_counts: BTreeMap<String, u64> = BTreeMap::new();
    for (word, count) in counts {
        for letter in letters(word) {
            *letter_counts.entry(letter).or_insert(0) += count;
        }
    }
    let mut by_count: Vec<(String, u64)> = letter_counts.into_iter().collect();
    // Stable: equally frequent letters stay in order.
    by_count.sort_by_key(|&(_, count)| Reverse(count));
    by_count.truncate(room);
    let mut letters: Vec<String> = by_count.into_iter().map(|(letter, _)| letter).collect();
    letters.sort();
    letters
}

/// The letters of a word as pieces: all but the first continue it.
fn letters(word: &str) -> impl Iterator<Item = String> + '_ {
    word.chars().enumerate().map(|(at, letter)| match at {
        0 => letter.to_string(),
        _ => format!("{PREFIX}{letter}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(counts: &[(&str, u64)], room: usize, min_frequency: u64) -> Vec<String> {
        let counts = counts
            .iter()
            .map(|&(word, count)| (word.to_owned(), count))
            .collect();
        learn(&counts, room, min_frequency)
    }

    #[test]
    fn the_most_frequent_pair_is_merged_first_and_equals_by_their_letters() {
        // Pairs: l+##o 5, ##o+##w 5, n+##e 2, ##e+##w 2; `##o ##w` comes before `l ##o`.
        assert_eq!(
            learned(&[("low", 5), ("new", 2)], 10, 1),
            ["##e", "##o", "##w", "l", "n", "##ow", "low", "##ew", "new"]
        );
        assert_eq!(learned(&[("low", 5), ("new", 2)], 10, 3).len(), 7);
        assert_eq!(learned(&[("low", 5), ("new", 2)], 6, 1).len(), 6);
    }

    #[test]
    fn pairs_that_overlap_themselves_are_merged_from_the_left() {
        // a ##a ##a ##a: the pair `##a ##a` occurs twice, its merge leaves a ##aa ##a.
        assert_eq!(
            learned(&[("aaaa", 3)], 9, 1),
            ["##a", "a", "##aa", "##aaa", "aaaa"]
        );
    }

    #[test]
    fn a_piece_that_two_pairs_spell_is_one_piece() {
        // `ab` and `##bc` are both merged before the words `abc` are whole.
        let pieces = learned(&[("ab", 9), ("xbc", 8), ("abc", 7)], 99, 1);
        let mut distinct = pieces.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), pieces.len(), "{pieces:?}");
        assert!(pieces.contains(&"abc".to_owned()));
    }

    #[test]
    fn a_large_alphabet_keeps_its_most_frequent_letters() {
        let counts = [("甲", 1), ("乙", 9), ("丙", 3), ("丁", 3)];
        assert_eq!(learned(&counts, 3, 1), ["丁", "丙", "乙"]);
        // `yz` has a letter that is left out, and gives no pairs.
        assert_eq!(learned(&[("ab", 5), ("yz", 1)], 3, 1), ["##b", "##z", "a"]);
    }
}
