//! Another whole number with as many digits, or another number word.

use mtnet_core::RandomStream;

use crate::transformation::synonyms::in_case_of;

const WORDS: [&str; 9] = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

/// Up to `variants` others of a number; none of what is no number.
pub(super) fn others(word: &str, variants: usize, stream: &RandomStream) -> Vec<String> {
    let mut stream = *stream;
    let lower = word.to_lowercase();
    if WORDS.contains(&lower.as_str()) {
        let mut others = WORDS.to_vec();
        others.retain(|&known| known != lower);
        stream.shuffle(&mut others);
        let others = others.into_iter().take(variants);
        return others.map(|other| in_case_of(word, other)).collect();
    }
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    // Without a leading zero, which marks a code rather than a number.
    if !is_number || word.len() > 9 || (word.len() > 1 && word.starts_with('0')) {
        return Vec::new();
    }
    let mut others: Vec<String> = Vec::with_capacity(variants);
    for _ in 0..variants {
        let low = if word.len() == 1 {
            0
        } else {
            10u32.pow(word.len() as u32 - 1)
        };
        let high = 10u32.pow(word.len() as u32);
        let other = (low + stream.below(high - low)).to_string();
        if other != word && !others.contains(&other) {
            others.push(other);
        }
    }
    others
}
