//! Answers against the official SQuAD scripts.

use mtnet_metrics::{SquadScores, cmrc_2018, normalize_answer, squad_v1, squad_v2};

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

#[test]
fn chinese_characters_are_units_and_runs_in_common_count() {
    let cases: [(&str, &[&str], f64, f64); 8] = [
        ("北京大学。", &["北京大学"], 1.0, 1.0),
        ("北京", &["北京大学", "京"], 0.0, 2.0 / 3.0),
        // The longest run in common is one character: order counts.
        ("学大", &["大学"], 0.0, 0.5),
        ("iPhone 4s 手机", &["iphone 4S手机"], 0.0, 1.0),
        ("1976年", &["1976"], 0.0, 2.0 / 3.0),
        ("", &["北京"], 0.0, 0.0),
        ("", &[], 1.0, 1.0),
        ("北京", &[], 0.0, 0.0),
    ];
    for (prediction, answers, exact_match, f1) in cases {
        let scores = cmrc_2018(&[prediction], &[answers]).unwrap();
        assert_eq!(scores.exact_match, exact_match, "{prediction}");
        assert!(
            (scores.f1 - f1).abs() < 1e-12,
            "{prediction}: {}",
            scores.f1
        );
    }
    assert!(cmrc_2018::<&str, &str, [&str; 1]>(&[], &[]).is_err());
}
