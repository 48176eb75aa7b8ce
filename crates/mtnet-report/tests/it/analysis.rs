//! What is counted from predictions.

use mtnet_report::analysis::{
    ErrorClass, confusion, entity_errors, label_scores, length_scores, reliability, worst_mistakes,
};
use mtnet_report::predictions::{Prediction, Predictions};

use crate::folder::Folder;

/// Columns and predictions of a task of the made-up run.
fn of(task: &str) -> (Vec<String>, Vec<Prediction>) {
    let text = Folder::finished().read("predictions-test.jsonl");
    let mut read = Predictions::parse("test", &text).expect("a file of predictions");
    assert!(read.damaged.is_empty());
    let columns = read.header.columns.remove(task).expect("a task");
    (columns, read.tasks.remove(task).expect("a task"))
}

#[test]
fn classes_are_counted() {
    let (columns, predictions) = of("intent");
    let found = confusion(&columns, &predictions).unwrap();
    assert_eq!(found.counts, [[0, 0], [2, 6]]);
    assert_eq!(found.commonest, [("play".to_owned(), "book".to_owned(), 2)]);
    let labels = label_scores(&columns, &predictions);
    assert_eq!(
        (labels[0].label.as_str(), labels[0].scores.support),
        ("play", 8)
    );
    assert_eq!(labels[0].scores.recall, 0.75);
    // Six right answers at 0.90, two wrong ones at 0.95, in bins of their own.
    let reliability = reliability(&columns, &predictions).unwrap();
    let expected = (6.0 * 0.1 + 2.0 * 0.95) / 8.0;
    assert!((reliability.expected_calibration_error() - expected).abs() < 1e-12);
    let mistakes = worst_mistakes(&columns, &predictions, 8);
    assert_eq!(mistakes.len(), 2);
    assert_eq!(
        (mistakes[0].truth.as_str(), mistakes[0].answer.as_str()),
        ("play", "book")
    );
}

#[test]
fn many_classes_are_summed_up() {
    let columns: Vec<String> = (0..30).map(|class| format!("class-{class:02}")).collect();
    let (_, template) = of("intent");
    let predictions: Vec<Prediction> = (0..60)
        .map(|number: usize| {
            let truth = number % 30;
            // The last ten classes are always taken for the next one.
            let answer = if truth >= 20 { (truth + 1) % 30 } else { truth };
            let mut prediction = template[0].clone();
            prediction.outcome = serde_json::from_value(serde_json::json!({"kind": "class",
                "truth": columns[truth], "answer": columns[answer], "probabilities": vec![1.0 / 30.0; 30]}))
            .unwrap();
            prediction
        })
        .collect();
    let found = confusion(&columns, &predictions).unwrap();
    assert_eq!((found.labels.len(), found.left_out), (20, 11));
    assert_eq!(found.labels.last().unwrap(), "(others)");
    assert_eq!(found.counts.iter().flatten().sum::<u64>(), 60);
    assert!(found.labels.contains(&"class-29".to_owned()));
}

#[test]
fn entities_are_counted_without_words_that_have_no_tag() {
    let (columns, predictions) = of("slots");
    let errors = entity_errors(&columns, &predictions).unwrap();
    assert_eq!(errors.total(ErrorClass::Correct), 6);
    assert_eq!(errors.total(ErrorClass::Missed), 1);
    assert_eq!(errors.labels.keys().collect::<Vec<_>>(), ["artist"]);
    let mistakes = worst_mistakes(&columns, &predictions, 8);
    assert_eq!(mistakes.len(), 1);
    assert_eq!(mistakes[0].truth, "artist “Adele”");
    assert_eq!(mistakes[0].answer, "(none)");
    assert_eq!(mistakes[0].marks, [[5, 10]]);
}

#[test]
fn buckets_hold_every_text_once_and_lengths_together() {
    for task in ["intent", "slots", "mood"] {
        let (columns, predictions) = of(task);
        let scores = length_scores(&columns, &predictions).unwrap();
        let count: usize = scores.buckets.iter().map(|bucket| bucket.count).sum();
        assert_eq!(count, predictions.len(), "{task}");
        assert!(scores.buckets.len() <= 5);
        assert!(
            scores
                .buckets
                .windows(2)
                .all(|pair| pair[0].longest < pair[1].shortest)
        );
    }
    let (columns, mut predictions) = of("mood");
    predictions
        .iter_mut()
        .for_each(|prediction| prediction.tokens = 9);
    assert_eq!(
        length_scores(&columns, &predictions).unwrap().buckets.len(),
        1
    );
    assert!(length_scores(&columns, &[]).is_none());
}

#[test]
fn numbers_have_no_confidence() {
    let (columns, predictions) = of("mood");
    assert!(reliability(&columns, &predictions).is_none());
    assert!(label_scores(&columns, &predictions).is_empty());
    let mistakes = worst_mistakes(&columns, &predictions, 2);
    assert_eq!(mistakes[0].weight, "off by 0.700");
}
