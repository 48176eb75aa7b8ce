//! Edits between two texts: insertions, deletions and substitutions of characters.
//!
//! Levenshtein 1966; one row of the table of Wagner and Fischer 1974 is kept.

/// The smallest number of single-character edits that make `b` of `a`.
pub fn levenshtein(a: &str, b: &str) -> usize {
    let (a, b) = different_parts(a, b);
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Whether `b` lies at most `limit` edits from `a`.
pub fn levenshtein_within(a: &str, b: &str, limit: usize) -> bool {
    let (x, y) = different_parts(a, b);
    // Each edit changes the length by one at most.
    x.len().abs_diff(y.len()) <= limit && levenshtein(a, b) <= limit
}

/// The characters without those that both share at the beginning and at the end: an attack
/// changes a few words of a text, and the table has a cell for each pair of characters.
fn different_parts(a: &str, b: &str) -> (Vec<char>, Vec<char>) {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same =
        |pairs: &mut dyn Iterator<Item = (&char, &char)>| pairs.take_while(|(x, y)| x == y).count();
    let start = same(&mut a.iter().zip(&b));
    let (a, b) = (&a[start..], &b[start..]);
    let end = same(&mut a.iter().rev().zip(b.iter().rev()));
    (a[..a.len() - end].to_vec(), b[..b.len() - end].to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn edits_are_counted() {
        for (a, b, expected) in [
            ("", "", 0),
            ("kitten", "sitting", 3),
            ("abc", "", 3),
            ("foolish", "folish", 1),
            ("ab", "ba", 2),
            ("naïve", "naive", 1),
            ("aaaa", "aaa", 1),
        ] {
            assert_eq!(levenshtein(a, b), expected, "{a} {b}");
            assert!(levenshtein_within(a, b, expected));
            assert!(expected == 0 || !levenshtein_within(a, b, expected - 1));
        }
    }

    /// The textbook recursion, with the whole table.
    fn plain(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = match (i, j) {
                    (0, n) | (n, 0) => n,
                    _ => (table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                        .min(table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1),
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn cutting_what_is_the_same_changes_no_distance(a in "[ab]{0,9}", b in "[ab]{0,9}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(levenshtein(&a, &b), plain(&chars(&a), &chars(&b)));
            prop_assert_eq!(levenshtein(&a, &b), levenshtein(&b, &a));
        }
    }
}
