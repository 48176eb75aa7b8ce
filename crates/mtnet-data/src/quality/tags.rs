//! Sequences of entity tags that say what cannot be.

use mtnet_core::{RawTarget, TaskName};

use super::QualitySplit;
use super::finding::{Finding, Severity, Tally};
use crate::TagScheme;
use crate::labels::{detect_scheme, parse_tag};

pub(super) fn check(task: &TaskName, splits: &[&QualitySplit<'_>], findings: &mut Vec<Finding>) {
    let sequences = splits
        .iter()
        .flat_map(|split| &split.data.examples)
        .filter_map(|example| tags_of(example.targets.get(task)));
    let scheme = detect_scheme(sequences);
    if scheme == TagScheme::Plain {
        return;
    }
    for split in splits {
        let (mut broken, mut blank) = (Tally::default(), Tally::default());
        for (number, example) in split.data.examples.iter().enumerate() {
            let Some(tags) = tags_of(example.targets.get(task)) else {
                continue;
            };
            if scheme == TagScheme::Iob2 && breaks_iob2(tags) {
                broken.add_place(|| split.data.target_place(number, task));
            }
            let text = example.text.first();
            let words = text.words().unwrap_or_default();
            let is_blank = words.iter().zip(tags).any(|(word, tag)| {
                let word = &text.text()[word.clone()];
                let letters = word.chars().any(char::is_alphanumeric);
                !letters && tag.starts_with(['B', 'S', 'U']) && word.chars().all(is_blank_like)
            });
            if is_blank {
                blank.add_place(|| split.data.target_place(number, task));
            }
        }
        let name = format!("task `{task}`, {}", split.name());
        broken.report(
            "broken-entity",
            Severity::Warning,
            |count| {
                let sentences = if count == 1 { "sentence" } else { "sentences" };
                format!("{name}: {count} {sentences} with an `I-` tag that goes on with nothing; scorers disagree about such entities, begin them with `B-`")
            },
            findings,
        );
        blank.report(
            "blank-entity",
            Severity::Warning,
            |count| {
                let entities = if count == 1 { "sentence has an entity" } else { "sentences have entities" };
                format!("{name}: {count} {entities} that begins with a blank or a punctuation mark; check the borders")
            },
            findings,
        );
    }
}

fn tags_of(target: Option<&RawTarget>) -> Option<&[String]> {
    match target {
        Some(RawTarget::Tags(tags)) => Some(tags),
        _ => None,
    }
}

/// White space and marks that end sentences; others, such as `#` or `$`, can begin a name.
fn is_blank_like(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | '，' | '。' | '、')
}

fn breaks_iob2(tags: &[String]) -> bool {
    let mut before: Option<&str> = None;
    tags.iter().any(|tag| {
        let (prefix, kind) = match parse_tag(tag) {
            Some((prefix @ ('B' | 'I'), kind)) => (prefix, Some(kind)),
            _ => ('O', None),
        };
        let broken = prefix == 'I' && before != kind;
        before = kind;
        broken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_goes_on_with_nothing_is_broken() {
        for (tags, expected) in [
            ("O B-X I-X I-X O B-Y", false),
            ("O I-X", true),
            ("B-X I-Y", true),
            ("B-X O I-X", true),
            ("O O", false),
        ] {
            let tags: Vec<String> = tags.split(' ').map(str::to_owned).collect();
            assert_eq!(breaks_iob2(&tags), expected, "{tags:?}");
        }
    }
}
