//! Entities written as tags in any scheme are read back as they were.

use mtnet_metrics::{Average, Entity, EntityReport, Scheme, entities, strict_entities};
use proptest::prelude::*;

const SCHEMES: [Scheme; 6] = [
    Scheme::Iob1,
    Scheme::Iob2,
    Scheme::Ioe1,
    Scheme::Ioe2,
    Scheme::Iobes,
    Scheme::Bilou,
];

/// Entities, and the number of tokens.
type Sentence = (Vec<Entity>, usize);

/// Entities in order, each `gap` tokens behind the one before it.
fn sentence() -> impl Strategy<Value = Sentence> {
    let part = (
        0..3usize,
        1..4usize,
        prop::sample::select(vec!["PER", "LOC", "X-Y"]),
    );
    (prop::collection::vec(part, 0..6), 0..3usize).prop_map(|(parts, tail)| {
        let mut position = 0;
        let entities = parts
            .into_iter()
            .map(|(gap, length, label)| {
                let start = position + gap;
                position = start + length;
                Entity {
                    start,
                    end: position,
                    label: label.to_owned(),
                }
            })
            .collect();
        (entities, position + tail)
    })
}

fn write(entities: &[Entity], length: usize, scheme: Scheme) -> Vec<String> {
    let mut tags = vec!["O".to_owned(); length];
    for (index, entity) in entities.iter().enumerate() {
        let touches = |other: Option<&Entity>, at: fn(&Entity) -> usize, place: usize| {
            other.is_some_and(|other| at(other) == place && other.label == entity.label)
        };
        let before = index.checked_sub(1).map(|index| &entities[index]);
        let follows = touches(before, |other| other.end, entity.start);
        let is_followed = touches(entities.get(index + 1), |other| other.start, entity.end);
        let length = entity.end - entity.start;
        for (position, tag) in tags[entity.start..entity.end].iter_mut().enumerate() {
            let (first, last) = (position == 0, position + 1 == length);
            let letter = match scheme {
                Scheme::Iob1 if first && follows => 'B',
                Scheme::Iob2 if first => 'B',
                Scheme::Ioe1 if last && is_followed => 'E',
                Scheme::Ioe2 if last => 'E',
                Scheme::Iobes if first && last => 'S',
                Scheme::Bilou if first && last => 'U',
                Scheme::Iobes | Scheme::Bilou if first => 'B',
                Scheme::Iobes if last => 'E',
                Scheme::Bilou if last => 'L',
                _ => 'I',
            };
            *tag = format!("{letter}-{}", entity.label);
        }
    }
    tags
}

/// Whether seqeval's strict rules read IOE1 as it is defined: they do not let an entity begin with
/// the `E` that an entity of one token has before another of its type.
fn is_read_strictly(tags: &[String], scheme: Scheme) -> bool {
    scheme != Scheme::Ioe1 || !tags.iter().any(|tag| tag.starts_with('E'))
}

proptest! {
    #[test]
    fn what_is_written_is_read((expected, length) in sentence()) {
        for scheme in SCHEMES {
            let tags = write(&expected, length, scheme);
            prop_assert_eq!(entities(&tags, scheme), expected.clone(), "{} {:?}", scheme, tags);
            if is_read_strictly(&tags, scheme) {
                let found = strict_entities(&tags, scheme).unwrap();
                prop_assert_eq!(found, expected.clone(), "{} {:?}", scheme, tags);
            }
        }
    }

    #[test]
    fn perfect_tags_score_one((expected, length) in sentence()) {
        prop_assume!(!expected.is_empty());
        for scheme in SCHEMES {
            let tags = [write(&expected, length, scheme)];
            for average in [Average::Micro, Average::Macro, Average::Weighted] {
                let report = EntityReport::lenient(&tags, &tags, scheme).unwrap();
                let scores = report.average(average);
                prop_assert_eq!((scores.precision, scores.recall, scores.f1), (1.0, 1.0, 1.0));
                prop_assert_eq!(scores.support, expected.len() as u64);
            }
        }
    }

    #[test]
    fn strict_entities_never_overlap_and_stay_inside(
        scheme in prop::sample::select(SCHEMES.to_vec()),
        picks in prop::collection::vec((0..5usize, prop::sample::select(vec!["-A", "-B", ""])), 0..12),
    ) {
        let letters: Vec<char> = scheme.letters().chars().collect();
        let tags: Vec<String> = picks
            .iter()
            .map(|(letter, label)| format!("{}{label}", letters[letter % letters.len()]))
            .collect();
        let found = strict_entities(&tags, scheme).unwrap();
        let mut free = 0;
        for entity in &found {
            prop_assert!(entity.start >= free && entity.start < entity.end, "{:?}", tags);
            free = entity.end;
        }
        prop_assert!(free <= tags.len());
    }

    #[test]
    fn the_order_of_sentences_does_not_matter(
        sentences in prop::collection::vec((sentence(), sentence()), 1..5),
    ) {
        let (mut truth, mut predicted): (Vec<_>, Vec<_>) = sentences
            .iter()
            .map(|((truth, true_length), (predicted, predicted_length))| {
                let length = *true_length.max(predicted_length);
                (write(truth, length, Scheme::Iob2), write(predicted, length, Scheme::Iob2))
            })
            .unzip();
        let report = EntityReport::strict(&truth, &predicted, Scheme::Iob2).unwrap();
        truth.reverse();
        predicted.reverse();
        prop_assert_eq!(EntityReport::strict(&truth, &predicted, Scheme::Iob2).unwrap(), report);
    }
}
