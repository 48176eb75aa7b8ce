//! Entities against seqeval, lenient and strict.

use mtnet_metrics::{
    Average, Entity, EntityReport, MetricError, PrecisionRecallF1, Scheme, entities,
    strict_entities, token_accuracy,
};
use serde_json::{Value, json};

use crate::oracle::{Case, cases};

type Tags = Vec<Vec<String>>;

#[test]
fn lenient_entities_agree_with_seqeval() {
    let cases = cases("seqeval_default");
    assert_eq!(cases.len(), 53);
    for case in cases {
        let scheme = scheme(&case.input::<String>("scheme_hint"));
        let (truth, predicted): (Tags, Tags) = (case.input("y_true"), case.input("y_pred"));
        let read = |tags: &Tags| -> Value {
            tags.iter()
                .map(|tags| as_json(&entities(tags, scheme)))
                .collect()
        };
        assert_eq!(
            read(&truth),
            *case.expected("entities_true"),
            "{}",
            case.place
        );
        assert_eq!(
            read(&predicted),
            *case.expected("entities_pred"),
            "{}",
            case.place
        );
        let report = EntityReport::lenient(&truth, &predicted, scheme);
        check(&case, &report, &truth, &predicted);
    }
}

#[test]
fn strict_entities_agree_with_seqeval() {
    let cases = cases("seqeval_strict");
    assert_eq!(cases.len(), 61);
    let mut refused = 0;
    for case in cases {
        let scheme = scheme(&case.input::<String>("scheme"));
        let (truth, predicted): (Tags, Tags) = (case.input("y_true"), case.input("y_pred"));
        for (tags, name) in [(&truth, "entities_true"), (&predicted, "entities_pred")] {
            let read: Result<Vec<_>, _> = tags
                .iter()
                .map(|tags| strict_entities(tags, scheme))
                .collect();
            let expected = case.expected(name);
            match read {
                Err(error) => {
                    refused += 1;
                    assert!(expected.get("error").is_some(), "{}: {error}", case.place);
                }
                Ok(read) => {
                    let read: Value = read.iter().map(|entities| as_json(entities)).collect();
                    assert_eq!(read, *expected, "{name} of {}", case.place);
                }
            }
        }
        let report = EntityReport::strict(&truth, &predicted, scheme);
        check(&case, &report, &truth, &predicted);
    }
    assert!(refused > 0);
}

fn check(case: &Case, report: &Result<EntityReport, MetricError>, truth: &Tags, predicted: &Tags) {
    let of = |average, value: fn(PrecisionRecallF1) -> f64| match report {
        Ok(report) => Ok(value(report.average(average))),
        Err(error) => Err(error.clone()),
    };
    case.check(|name| {
        Some(match name {
            "precision" => of(Average::Micro, |scores| scores.precision),
            "recall" => of(Average::Micro, |scores| scores.recall),
            "f1" => of(Average::Micro, |scores| scores.f1),
            "f1_macro" => of(Average::Macro, |scores| scores.f1),
            "f1_weighted" => of(Average::Weighted, |scores| scores.f1),
            "accuracy" => token_accuracy(truth, predicted),
            "entities_true" | "entities_pred" | "report" => return None,
            other => panic!("unknown metric {other}"),
        })
    });
    let Ok(report) = report else { return };
    let rows = case.expected("report").as_object().expect("rows");
    assert_eq!(rows.len(), report.per_type().len() + 3, "{}", case.place);
    for (row, expected) in rows {
        let scores = match row.as_str() {
            "micro avg" => report.average(Average::Micro),
            "macro avg" => report.average(Average::Macro),
            "weighted avg" => report.average(Average::Weighted),
            entity_type => report.per_type()[entity_type].scores(),
        };
        case.compare(row, Ok(scores.precision), &expected["precision"]);
        case.compare(row, Ok(scores.recall), &expected["recall"]);
        case.compare(row, Ok(scores.f1), &expected["f1-score"]);
        assert_eq!(
            json!(scores.support),
            expected["support"],
            "{row} of {}",
            case.place
        );
    }
}

fn scheme(name: &str) -> Scheme {
    let scheme: Scheme = serde_json::from_value(json!(name.to_lowercase())).unwrap();
    assert_eq!(scheme.to_string(), name);
    scheme
}

/// With the last token instead of the one behind it, as seqeval writes it.
fn as_json(entities: &[Entity]) -> Value {
    entities
        .iter()
        .map(|entity| json!([entity.start, entity.end - 1, entity.label]))
        .collect()
}

#[test]
fn a_letter_outside_the_scheme_is_named_with_its_place() {
    let truth = [["B-PER", "I-PER"], ["O", "E-PER"]];
    let error = EntityReport::strict(&truth, &truth, Scheme::Iob2).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tag `E-PER` at position 1 of sequence 1 of the true tags is not in scheme IOB2, expected its first \
         letter to be one of BIO; name the scheme that the tags are in, or score leniently"
    );
    assert!(strict_entities(&["b-PER"], Scheme::Iob2).is_err());
    assert!(strict_entities(&[""], Scheme::Iob2).is_err());
    assert!(strict_entities(&["\u{c4}-PER"], Scheme::Bilou).is_err());
}

#[test]
fn lenient_reading_takes_any_text_for_a_tag() {
    assert!(entities::<&str>(&[], Scheme::Iob2).is_empty());
    assert!(entities(&["", "O", "."], Scheme::Iob2).is_empty());
    let found = entities(&["\u{4eba}-\u{540d}", "BPER"], Scheme::Iob2);
    assert_eq!(as_json(&found), json!([[0, 0, "\u{540d}"], [1, 1, "PER"]]));
    let found = entities(&["U-PER", "B-LOC", "L-LOC", "L-LOC"], Scheme::Bilou);
    assert_eq!(
        as_json(&found),
        json!([[0, 0, "PER"], [1, 2, "LOC"], [3, 3, "LOC"]])
    );
}

#[test]
fn schemes_are_read_by_both_of_their_names() {
    for (name, expected) in [
        ("iob2", Scheme::Iob2),
        ("bio", Scheme::Iob2),
        ("bioes", Scheme::Iobes),
    ] {
        let scheme: Scheme = serde_json::from_value(json!(name)).unwrap();
        assert_eq!(scheme, expected);
    }
    assert_eq!(serde_json::to_value(Scheme::Bilou).unwrap(), json!("bilou"));
}
