//! Answers against the official SQuAD scripts.

use mtnet_metrics::{SquadScores, normalize_answer, squad_v1, squad_v2};

use crate::oracle::{Case, cases};

#[test]
fn squad_v1_agrees_with_the_official_script() {
    let cases = cases("squad_v1");
    assert_eq!(cases.len(), 1);
    for case in cases {
        let predictions: Vec<String> = case.input("predictions");
        let answers: Vec<Vec<String>> = case.input("answers");
        let scores = squad_v1(&predictions, &answers).unwrap();
        check(&case, &scores, "exact_match");

        let normalized: Vec<(String, Vec<String>)> =
            serde_json::from_value(case.expected("normalized").clone()).unwrap();
        for (position, (prediction, of_answers)) in normalized.iter().enumerate() {
            assert_eq!(normalize_answer(&predictions[position]), *prediction);
            let found: Vec<String> = answers[position]
                .iter()
                .map(|a| normalize_answer(a))
                .collect();
            assert_eq!(found, *of_answers);
        }
    }
}

#[test]
fn squad_v2_agrees_with_the_official_script() {
    let cases = cases("squad_v2");
    assert_eq!(cases.len(), 1);
    for case in cases {
        let predictions: Vec<String> = case.input("predictions");
        let answers: Vec<Vec<String>> = case.input("answers");
        check(&case, &squad_v2(&predictions, &answers).unwrap(), "exact");
    }
}

fn check(case: &Case, scores: &SquadScores, exact_match: &str) {
    // The scripts give percentages.
    let expected = case.expected(exact_match);
    case.compare(exact_match, Ok(100.0 * scores.exact_match), expected);
    case.compare("f1", Ok(100.0 * scores.f1), case.expected("f1"));
    let per_item = case.expected("per_item").as_array().unwrap();
    assert_eq!(per_item.len(), scores.per_answer.len());
    for (position, (expected, scores)) in per_item.iter().zip(&scores.per_answer).enumerate() {
        let name = format!("item {position}");
        case.compare(&name, Ok(scores.exact_match), &expected[0]);
        case.compare(&name, Ok(scores.f1), &expected[1]);
    }
}

#[test]
fn articles_go_only_as_whole_words() {
    for (text, expected) in [
        ("Theatre, an area", "theatre area"),
        ("\u{201c}The\u{201d} end", "\u{201c} \u{201d} end"),
        ("a_b", "ab"),
        ("the-end", "theend"),
        ("\u{c9}cole a\u{1c}b", "\u{e9}cole b"),
        ("\u{4f60}\u{597d}\u{3001}a", "\u{4f60}\u{597d}\u{3001}"),
        ("  ", ""),
    ] {
        assert_eq!(normalize_answer(text), expected, "{text:?}");
    }
}
