//! Letters drawn at random.

use mtnet_core::RandomStream;

/// One of the 26 letters, in the case of its neighbour.
pub(super) fn letter_like(neighbour: char, stream: &mut RandomStream) -> char {
    let letter = char::from(b'a' + stream.below(26) as u8);
    match neighbour.is_uppercase() {
        true => letter.to_ascii_uppercase(),
        false => letter,
    }
}
