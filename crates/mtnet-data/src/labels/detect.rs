//! Which notation entity tags are written in.

use std::collections::BTreeSet;

use super::TagScheme;
use super::scheme::parse_tag;
use crate::reading::NO_TAG;

/// The notation of the tags of all texts.
///
/// Every tag must be `O` or a prefix with a type for them to be entity tags at all. Prefixes that
/// only one notation has decide. With `B-` and `I-` alone it is IOB1 if an entity begins with `I-`
/// and each `B-` stands behind a word of the same type, and IOB2 otherwise.
pub(crate) fn detect<'a>(texts: impl Iterator<Item = &'a [String]>) -> TagScheme {
    let mut prefixes = BTreeSet::new();
    let mut begins_inside = false;
    let mut begins_apart = false;
    for tags in texts {
        let mut before = None;
        for tag in tags {
            if tag == "O" || tag == NO_TAG {
                before = None;
                continue;
            }
            let Some((prefix, kind)) = parse_tag(tag).filter(|(_, kind)| !kind.is_empty()) else {
                return TagScheme::Plain;
            };
            prefixes.insert(prefix);
            let touches = before == Some(kind);
            begins_inside |= prefix == 'I' && !touches;
            begins_apart |= prefix == 'B' && !touches;
            before = Some(kind);
        }
    }
    let within = |known: &str| prefixes.iter().all(|&prefix| known.contains(prefix));
    match () {
        () if prefixes.is_empty() => TagScheme::Plain,
        () if within("BI") && begins_inside && !begins_apart => TagScheme::Iob1,
        () if within("BI") => TagScheme::Iob2,
        () if within("BIMES") => TagScheme::Bioes,
        () if within("BILU") => TagScheme::Bilou,
        () => TagScheme::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: TagScheme) {
        let texts: Vec<Vec<String>> = texts
            .iter()
            .map(|tags| tags.split(' ').map(str::to_owned).collect())
            .collect();
        assert_eq!(detect(texts.iter().map(Vec::as_slice)), expected);
    }

    #[test]
    fn notations_are_told_apart() {
        check(&["O I-X I-X B-X O", "I-Y"], TagScheme::Iob1);
        check(&["I-X O"], TagScheme::Iob1);
        check(&["O B-X I-X", "B-Y"], TagScheme::Iob2);
        // One stray `I-` in otherwise clean IOB2.
        check(&["O B-X I-X", "O I-Y"], TagScheme::Iob2);
        check(&["B-X E-X", "S-Y O"], TagScheme::Bioes);
        check(&["B-X M-X E-X"], TagScheme::Bioes);
        check(&["B-X L-X", "U-Y O"], TagScheme::Bilou);
        check(&["NOUN VERB", "ADP"], TagScheme::Plain);
        check(&["O O", ""], TagScheme::Plain);
        check(&["B-X NOUN"], TagScheme::Plain);
        check(&["B E S"], TagScheme::Plain);
        check(&["B-X E-X", "U-Y"], TagScheme::Plain);
    }
}
