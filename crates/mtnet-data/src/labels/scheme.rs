//! Notations of entities by tags of words, all converted to IOB2.
//!
//! In IOB2 (Tjong Kim Sang and Veenstra 1999, §2, <https://aclanthology.org/E99-1023>) each entity
//! begins with `B-type` and goes on with `I-type`. IOB1 (Ramshaw and Marcus 1995) writes `B-` only
//! between entities of one type that touch. BIOES also marks the last word (`E-`) and the only word
//! (`S-`); BILOU calls them `L-` and `U-` (Ratinov and Roth 2009); BMES, common for Chinese, is
//! BIOES with `M-` for `I-`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reading::NO_TAG;

/// How the tags of a task are written in its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TagScheme {
    /// Found out from the training data; entity tags are converted to IOB2. Default.
    #[default]
    Auto,
    /// IOB1, converted to IOB2.
    Iob1,
    /// IOB2, taken as it is.
    Iob2,
    /// BIOES or BMES, converted to IOB2.
    Bioes,
    /// BILOU, converted to IOB2.
    Bilou,
    /// No entities, or entities in whatever notation: tags are taken as they are.
    Plain,
}

impl TagScheme {
    /// The notation's name and what its tags look like.
    pub(super) fn description(self) -> (&'static str, &'static str) {
        match self {
            Self::Auto | Self::Plain => ("the plain notation", "any tags"),
            Self::Iob1 => ("IOB1", "O, B-… and I-…"),
            Self::Iob2 => ("IOB2", "O, B-… and I-…"),
            Self::Bioes => ("BIOES", "O, B-…, I-… or M-…, E-… and S-…"),
            Self::Bilou => ("BILOU", "O, B-…, I-…, L-… and U-…"),
        }
    }

    fn role(self, prefix: char) -> Option<Role> {
        match (self, prefix) {
            (Self::Iob1 | Self::Iob2 | Self::Bioes | Self::Bilou, 'B') => Some(Role::Begin),
            (Self::Iob1 | Self::Iob2 | Self::Bioes | Self::Bilou, 'I') => Some(Role::Inside),
            (Self::Bioes, 'M') => Some(Role::Inside),
            (Self::Bioes, 'E') | (Self::Bilou, 'L') => Some(Role::End),
            (Self::Bioes, 'S') | (Self::Bilou, 'U') => Some(Role::Single),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Begin,
    Inside,
    End,
    Single,
}

/// Prefix and type of an entity tag: `B-PER` is `B` and `PER`, `B` alone has no type.
pub(crate) fn parse_tag(tag: &str) -> Option<(char, &str)> {
    let mut chars = tag.chars();
    let prefix = chars.next()?;
    match chars.as_str() {
        "" => Some((prefix, "")),
        rest => rest.strip_prefix('-').map(|kind| (prefix, kind)),
    }
}

/// The tags of a text in IOB2, or the position of the first that the notation does not know.
///
/// Broken sequences keep their entities: a word that goes on with nothing begins an entity. IOB2
/// itself stays as it is.
pub(super) fn to_iob2(tags: &[String], scheme: TagScheme) -> Result<Vec<String>, usize> {
    if matches!(scheme, TagScheme::Auto | TagScheme::Plain) {
        return Ok(tags.to_vec());
    }
    // The type of the entity that the next word may go on with.
    let mut open: Option<&str> = None;
    let mut converted = Vec::with_capacity(tags.len());
    for (position, tag) in tags.iter().enumerate() {
        if tag == "O" || tag == NO_TAG {
            open = None;
            converted.push(tag.clone());
            continue;
        }
        let (role, kind) = parse_tag(tag)
            .and_then(|(prefix, kind)| Some((scheme.role(prefix)?, kind)))
            .ok_or(position)?;
        if scheme == TagScheme::Iob2 {
            converted.push(tag.clone());
            continue;
        }
        let goes_on = matches!(role, Role::Inside | Role::End) && open == Some(kind);
        converted.push(iob2_tag(if goes_on { 'I' } else { 'B' }, kind));
        open = matches!(role, Role::Begin | Role::Inside).then_some(kind);
    }
    Ok(converted)
}

pub(super) fn iob2_tag(prefix: char, kind: &str) -> String {
    match kind {
        "" => prefix.to_string(),
        kind => format!("{prefix}-{kind}"),
    }
}

/// The tags of a word's characters: the entity goes over all of them, in whichever notation;
/// a plain tag is repeated.
pub(crate) fn expand_tag(tag: &str, characters: usize) -> Vec<String> {
    let parts = match parse_tag(tag).filter(|(_, kind)| !kind.is_empty()) {
        Some(('B', kind)) => Some(('B', 'I', 'I', kind)),
        Some(('S', kind)) => Some(('B', 'I', 'E', kind)),
        Some(('U', kind)) => Some(('B', 'I', 'L', kind)),
        Some((last @ ('E' | 'L'), kind)) => Some(('I', 'I', last, kind)),
        _ => None,
    };
    (0..characters)
        .map(|at| match parts {
            Some(_) if characters == 1 => tag.to_owned(),
            Some((first, _, _, kind)) if at == 0 => iob2_tag(first, kind),
            Some((_, _, last, kind)) if at + 1 == characters => iob2_tag(last, kind),
            Some((_, middle, _, kind)) => iob2_tag(middle, kind),
            None => tag.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(tags: &str) -> Vec<String> {
        tags.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn every_notation_says_the_same_in_iob2() {
        let expected = split("O B-X I-X I-X B-X B-Y O B-Y I-Y");
        for (scheme, tags) in [
            (TagScheme::Iob1, "O I-X I-X I-X B-X I-Y O I-Y I-Y"),
            (TagScheme::Iob2, "O B-X I-X I-X B-X B-Y O B-Y I-Y"),
            (TagScheme::Bioes, "O B-X I-X E-X S-X S-Y O B-Y E-Y"),
            (TagScheme::Bioes, "O B-X M-X E-X S-X S-Y O B-Y E-Y"),
            (TagScheme::Bilou, "O B-X I-X L-X U-X U-Y O B-Y L-Y"),
        ] {
            assert_eq!(
                to_iob2(&split(tags), scheme),
                Ok(expected.clone()),
                "{tags}"
            );
        }
        assert_eq!(
            to_iob2(&split("B E S O"), TagScheme::Bioes),
            Ok(split("B I B O"))
        );
    }

    #[test]
    fn broken_sequences_keep_their_entities_and_strange_tags_are_found() {
        assert_eq!(
            to_iob2(&split("E-X I-X S-X E-X I-Y"), TagScheme::Bioes),
            Ok(split("B-X B-X B-X B-X B-Y"))
        );
        assert_eq!(
            to_iob2(&split("O I-X"), TagScheme::Iob2),
            Ok(split("O I-X"))
        );
        assert_eq!(to_iob2(&split("O S-X"), TagScheme::Iob2), Err(1));
        assert_eq!(to_iob2(&split("NOUN"), TagScheme::Bioes), Err(0));
        assert_eq!(to_iob2(&split("NOUN"), TagScheme::Plain), Ok(split("NOUN")));
    }

    #[test]
    fn a_tag_extends_over_characters() {
        for (tag, expected) in [
            ("B-X", "B-X I-X I-X"),
            ("I-X", "I-X I-X I-X"),
            ("S-X", "B-X I-X E-X"),
            ("E-X", "I-X I-X E-X"),
            ("U-X", "B-X I-X L-X"),
            ("O", "O O O"),
            ("NOUN", "NOUN NOUN NOUN"),
        ] {
            assert_eq!(expand_tag(tag, 3), split(expected));
            assert_eq!(expand_tag(tag, 1), [tag]);
        }
    }
}
