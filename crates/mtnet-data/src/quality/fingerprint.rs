//! Texts as numbers: equal where the texts are the same, or nearly.
//!
//! - the *text*: lower case, white space collapsed;
//! - its *words*: letters alone, digits as one digit, no punctuation;
//! - its words without the i-th, for each i, for texts of at least [`LEAST_WORDS`]: two texts that
//!   share one differ in that word only. Taken together these are the deletion neighbourhood of edit
//!   distance 1 on words (Mor and Fraenkel 1982), made in linear time from prefix and suffix hashes.

use mtnet_core::InputText;

/// Shorter texts differ in one word and mean different things.
pub(super) const LEAST_WORDS: usize = 8;

/// Of longer texts only so many words are compared.
const MOST_WORDS: usize = 64;

/// The numbers of one text or pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint {
    pub text: u64,
    pub words: u64,
    /// Empty for short texts.
    pub without_one: Vec<u64>,
}

/// Odd multipliers of a multiplicative hash (Steele, Lea and Flood 2014, the SplitMix64 finaliser).
const FIRST: u64 = 0xBF58_476D_1CE4_E5B9;
const SECOND: u64 = 0x94D0_49BB_1331_11EB;

fn mix(state: u64, item: u64) -> u64 {
    let mut bits = (state ^ item).wrapping_mul(FIRST);
    bits ^= bits >> 29;
    bits = bits.wrapping_mul(SECOND);
    bits ^ (bits >> 32)
}

impl Fingerprint {
    pub fn new(input: &InputText) -> Self {
        let mut text = 1;
        let mut words = Vec::new();
        let second = input.second().map(|segment| segment.text());
        for part in std::iter::once(input.first().text()).chain(second) {
            text = mix(read(part, text, &mut words), u64::MAX);
        }
        let whole = words.iter().fold(2, |state, &word| mix(state, word));
        Self {
            text,
            words: if words.is_empty() { text } else { whole },
            without_one: without_one(&words),
        }
    }
}

/// The hash of the text behind `state`; the hashes of its words are added to `words`.
fn read(text: &str, state: u64, words: &mut Vec<u64>) -> u64 {
    let (mut state, mut blank, mut word) = (state, false, 0);
    let mut character = |c: char| {
        if c.is_whitespace() {
            blank = true;
        } else {
            if std::mem::take(&mut blank) {
                state = mix(state, u64::from(u32::from(' ')));
            }
            state = mix(state, u64::from(u32::from(c)));
        }
        if c.is_numeric() {
            word = mix(word, u64::from(u32::from('0')));
        } else if c.is_alphanumeric() {
            word = mix(word, u64::from(u32::from(c)));
        } else if word != 0 {
            words.push(std::mem::take(&mut word));
        }
    };
    for c in text.trim().chars() {
        if c.is_ascii() {
            character(c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(&mut character);
        }
    }
    if word != 0 {
        words.push(word);
    }
    state
}

/// Rolling hashes: `prefix(i) * BASE^(n - i - 1) + suffix(i + 1)`, mixed with `i`.
fn without_one(words: &[u64]) -> Vec<u64> {
    if words.len() < LEAST_WORDS {
        return Vec::new();
    }
    let words = &words[..words.len().min(MOST_WORDS)];
    let mut suffixes = vec![(0_u64, 1_u64)];
    for &word in words.iter().rev() {
        let (hash, power) = suffixes[suffixes.len() - 1];
        let hash = word.wrapping_mul(power).wrapping_add(hash);
        suffixes.push((hash, power.wrapping_mul(FIRST)));
    }
    let mut prefix = 0_u64;
    words
        .iter()
        .enumerate()
        .map(|(position, &word)| {
            let (suffix, power) = suffixes[words.len() - position - 1];
            let hash = prefix.wrapping_mul(power).wrapping_add(suffix);
            prefix = prefix.wrapping_mul(FIRST).wrapping_add(word);
            mix(hash, position as u64 + 1)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use mtnet_core::Segment;

    use super::*;

    fn fingerprint(text: &str) -> Fingerprint {
        Fingerprint::new(&InputText::Single(Segment::from_text(text)))
    }

    fn share_one(a: &str, b: &str) -> bool {
        let (a, b) = (fingerprint(a), fingerprint(b));
        a.without_one
            .iter()
            .any(|hash| b.without_one.contains(hash))
    }

    #[test]
    fn case_blanks_punctuation_and_digits_do_not_hide_a_text() {
        let base = fingerprint("Play it, 3 times");
        assert_eq!(base.text, fingerprint(" play  IT, 3\ttimes ").text);
        assert_ne!(base.text, fingerprint("Play it 3 times").text);
        assert_eq!(base.words, fingerprint("play it - 7 times!").words);
        assert_ne!(base.words, fingerprint("play times it 3").words);
        assert_ne!(fingerprint("!").words, fingerprint("?").words);
        let pair = |a: &str, b: &str| {
            Fingerprint::new(&InputText::Pair(
                Segment::from_text(a),
                Segment::from_text(b),
            ))
        };
        assert_ne!(pair("a", "b c").text, pair("a b", "c").text);
    }

    #[test]
    fn texts_that_differ_in_one_word_share_a_number() {
        let text = "the quick brown fox jumps over the lazy dog";
        assert!(share_one(text, "the quick red fox jumps over the lazy dog"));
        assert!(share_one(text, "a quick brown fox jumps over the lazy dog"));
        assert!(share_one(
            text,
            "the quick brown fox jumps over the lazy cat"
        ));
        assert!(!share_one(
            text,
            "the quick red fox jumps over the lazy cat"
        ));
        assert!(!share_one(
            text,
            "the brown quick fox jumps over the lazy dog"
        ));
        assert!(fingerprint("one two three").without_one.is_empty());
    }
}
