//! The key beside the right one on a QWERTY keyboard: `film` to `fulm`.

use mtnet_core::RandomStream;

use super::Ends;
use super::edit::choose;

/// The rows of letters; each stands about half a key to the right of the one above.
const ROWS: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

pub(super) fn apply(word: &[char], ends: Ends, stream: &mut RandomStream) -> Option<String> {
    let places: Vec<usize> = ends
        .inner(word.len())
        .filter(|&place| !neighbours(word[place]).is_empty())
        .collect();
    let place = choose(&places, stream)?;
    let key = choose(&neighbours(word[place]), stream)?;
    let mut word = word.to_vec();
    word[place] = match word[place].is_uppercase() {
        true => key.to_ascii_uppercase(),
        false => key,
    };
    Some(word.into_iter().collect())
}

/// Keys that touch the key of a letter; none for what is no letter of the keyboard.
fn neighbours(letter: char) -> Vec<char> {
    let place = ROWS.iter().enumerate().find_map(|(row, keys)| {
        let column = keys
            .iter()
            .position(|&key| char::from(key) == letter.to_ascii_lowercase())?;
        Some((row as isize, column as isize))
    });
    let Some((row, column)) = place else {
        return Vec::new();
    };
    let around = [
        (row, column - 1),
        (row, column + 1),
        (row - 1, column),
        (row - 1, column + 1),
        (row + 1, column - 1),
        (row + 1, column),
    ];
    let key = |(row, column): (isize, isize)| {
        let keys = ROWS.get(usize::try_from(row).ok()?)?;
        keys.get(usize::try_from(column).ok()?)
            .map(|&key| char::from(key))
    };
    around.into_iter().filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_touch_are_neighbours() {
        let near = |letter| {
            let mut near: Vec<char> = neighbours(letter);
            near.sort_unstable();
            near.into_iter().collect::<String>()
        };
        assert_eq!(near('q'), "aw");
        assert_eq!(near('S'), "adewxz");
        assert_eq!(near('m'), "jkn");
        assert_eq!(near('ß'), "");
    }

    #[test]
    fn being_neighbours_is_mutual() {
        for letter in 'a'..='z' {
            for near in neighbours(letter) {
                assert!(neighbours(near).contains(&letter), "{letter} {near}");
            }
        }
    }
}
