//! Damage to bytes: a function of a seed, a name and a number.
//!
//! The kinds of damage are those of general fuzzers (bits, bytes, numbers at their borders, pieces
//! removed, doubled, moved or taken from another file, a cut) and words that mean something to the
//! format, from a dictionary of each target.

use mtnet_core::RandomStream;

/// Numbers where sizes and offsets overflow, as text.
const NUMBERS: [&str; 8] = [
    "0",
    "-1",
    "1e308",
    "255",
    "65536",
    "2147483648",
    "4294967296",
    "18446744073709551615",
];

/// Bytes that mean something to some format, and some that are no UTF-8.
const BYTES: &[u8] = b"\0\t\n\r\"',;{}[]:#=-_|. \\09aO\x7F\x80\xC3\xE4\xEF\xFF";

/// Makes mutants.
#[derive(Clone, Debug)]
pub struct Mutator {
    stream: RandomStream,
    dictionary: &'static [&'static str],
}

impl Mutator {
    /// Mutants of a target; `dictionary` holds words of its format.
    pub fn new(seed: u64, target: &str, dictionary: &'static [&'static str]) -> Self {
        Self {
            stream: RandomStream::new(seed).child("mutants").child(target),
            dictionary,
        }
    }

    /// The `number`-th mutant of `seeds[number % seeds.len()]`.
    ///
    /// # Panics
    /// If there are no seeds.
    pub fn mutant(&self, seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
        let mut stream = self.stream.at(number);
        let mut bytes = seeds[number as usize % seeds.len()].clone();
        for _ in 0..=stream.below(4) {
            self.damage(&mut bytes, seeds, &mut stream);
        }
        bytes
    }

    fn damage(&self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>], stream: &mut RandomStream) {
        let length = bytes.len();
        // Formats with a header or a footer are decided at their ends.
        let at = match stream.below(4) {
            0 => below(stream, length.min(64)),
            1 => length.saturating_sub(1 + below(stream, length.min(256))),
            _ => below(stream, length),
        };
        match stream.below(10) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << stream.below(8);
                }
            }
            1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = BYTES[below(stream, BYTES.len())];
                }
            }
            2 => bytes.insert(at, BYTES[below(stream, BYTES.len())]),
            3 => {
                let end = (at + 1 + below(stream, 32)).min(length);
                bytes.drain(at..end);
            }
            4 => bytes.truncate(at),
            5 => {
                let end = (at + 1 + below(stream, 64)).min(length);
                let piece = bytes[at..end].to_vec();
                let to = below(stream, length);
                bytes.splice(to..to, piece);
            }
            6 => replace_number(bytes, at, NUMBERS[below(stream, NUMBERS.len())]),
            7 => {
                let word = match self.dictionary {
                    [] => "\u{FEFF}",
                    words => words[below(stream, words.len())],
                };
                let end = (at + below(stream, word.len() + 1)).min(length);
                bytes.splice(at..end, word.bytes());
            }
            8 => {
                let other = &seeds[below(stream, seeds.len())];
                let from = below(stream, other.len());
                let end = (from + 1 + below(stream, 128)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            // Four bytes as a little-endian number at a border.
            _ => {
                let number = [0_u32, 1, 0x7FFF_FFFF, 0x8000_0000, u32::MAX][below(stream, 5)];
                for (offset, byte) in number.to_le_bytes().into_iter().enumerate() {
                    if let Some(place) = bytes.get_mut(at + offset) {
                        *place = byte;
                    }
                }
            }
        }
    }
}

/// The run of digits at or behind `at` becomes another number.
fn replace_number(bytes: &mut Vec<u8>, at: usize, number: &str) {
    let Some(start) = bytes[at.min(bytes.len())..]
        .iter()
        .position(u8::is_ascii_digit)
        .map(|behind| at + behind)
    else {
        return;
    };
    let digits = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    bytes.splice(start..start + digits, number.bytes());
}

/// A number below `bound`, 0 where there is none.
fn below(stream: &mut RandomStream, bound: usize) -> usize {
    stream.below(bound.max(1).min(u32::MAX as usize) as u32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_are_a_function_of_their_number_and_differ_from_their_seeds() {
        let seeds = [b"{\"a\": 12, \"b\": [3]}".to_vec(), b"".to_vec()];
        let mutator = Mutator::new(1, "test", &["null"]);
        let mutants: Vec<Vec<u8>> = (0..400).map(|n| mutator.mutant(&seeds, n)).collect();
        assert_eq!(mutants[7], mutator.mutant(&seeds, 7));
        // Little can be cut out of an empty seed, so those of the other are counted.
        let changed = mutants.iter().step_by(2).filter(|m| **m != seeds[0]);
        let changed = changed.count();
        assert!(changed > 190, "{changed}");
        let mut distinct = mutants.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert!(distinct.len() > 230, "{}", distinct.len());
    }
}
