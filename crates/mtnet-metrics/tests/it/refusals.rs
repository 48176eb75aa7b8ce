//! What cannot be scored is refused, and the message says what, where and what to do.

use mtnet_metrics::{
    Attachment, ConfusionMatrix, DependencyScores, EntityReport, MetricError, MultiLabelReport,
    Reliability, Scheme, average_precision, binary_brier_score, brier_score, kendall_tau_b,
    label_ranking_average_precision, log_loss, partial_roc_auc, pearson, r_squared, roc_auc,
    roc_auc_one_vs_one, squad_v1, squad_v2, token_accuracy, top_k_accuracy,
};

const NO_ROWS: [[f64; 2]; 0] = [];
const NO_TAGS: [[&str; 1]; 0] = [];

#[track_caller]
fn check<T: std::fmt::Debug>(result: Result<T, MetricError>, expected: &str) {
    let message = result.unwrap_err().to_string();
    assert_eq!(message, expected);
}

#[test]
fn nothing_to_score_is_refused() {
    let empty: Vec<(&str, Option<MetricError>)> = vec![
        ("classes", ConfusionMatrix::from_classes(&[], &[], 2).err()),
        ("roc auc", roc_auc(&[], &[]).err()),
        ("average precision", average_precision(&[], &[]).err()),
        ("log loss", log_loss(&[], &NO_ROWS).err()),
        ("top k", top_k_accuracy(&[], &NO_ROWS, 1).err()),
        (
            "calibration",
            Reliability::from_probabilities(&[], &NO_ROWS, 10).err(),
        ),
        (
            "labels",
            MultiLabelReport::new::<[bool; 2], [bool; 2]>(&[], &[]).err(),
        ),
        ("no labels", MultiLabelReport::new(&[[]], &[[]]).err()),
        ("pearson", pearson(&[], &[]).err()),
        ("r squared", r_squared(&[], &[]).err()),
        (
            "entities",
            EntityReport::lenient(&NO_TAGS, &NO_TAGS, Scheme::Iob2).err(),
        ),
        ("tokens", token_accuracy::<u8, u8, _, _>(&[[]], &[[]]).err()),
        ("squad 1", squad_v1::<&str, &str, [&str; 1]>(&[], &[]).err()),
        ("squad 2", squad_v2::<&str, &str, [&str; 1]>(&[], &[]).err()),
        (
            "words",
            DependencyScores::new::<&str, &str, [Attachment<&str>; 0], [Attachment<&str>; 0]>(
                &[[]],
                &[[]],
            )
            .err(),
        ),
    ];
    for (name, error) in empty {
        assert!(
            matches!(error, Some(MetricError::Empty { .. })),
            "{name}: {error:?}"
        );
    }
    check(
        roc_auc(&[], &[]),
        "no true labels given, expected at least one; leave the metric out where there is no data",
    );
}

#[test]
fn lengths_that_differ_are_refused() {
    check(
        ConfusionMatrix::from_classes(&[0, 1], &[0], 2),
        "1 predicted classes for 2 true classes, expected as many",
    );
    check(
        kendall_tau_b(&[1.0], &[1.0, 2.0]),
        "2 predicted values for 1 true values, expected as many",
    );
    check(
        squad_v1(&["a"], &[["a"], ["b"]]),
        "1 predictions for 2 questions, expected as many",
    );
    check(
        EntityReport::lenient(
            &[vec!["O"], vec!["O", "O"]],
            &[vec!["O"], vec!["O"]],
            Scheme::Iob2,
        ),
        "row 1 of the predicted sequences has 1 entries, expected 2",
    );
    check(
        MultiLabelReport::new(&[vec![true, false]], &[vec![true]]),
        "row 0 of the predicted rows has 1 entries, expected 2",
    );
    check(
        roc_auc_one_vs_one(&[0, 1], &[vec![0.5, 0.5], vec![1.0]]),
        "row 1 of the rows of scores has 1 entries, expected 2",
    );
}

#[test]
fn values_out_of_range_are_refused() {
    check(
        ConfusionMatrix::from_classes(&[0, 1], &[0, 3], 3),
        "predicted class 1 is 3, but there are 3 classes; drop examples that have no label",
    );
    check(
        log_loss(&[2], &[[0.5, 0.5]]),
        "true class 0 is 2, but there are 2 classes; drop examples that have no label",
    );
    check(
        average_precision(&[true, false], &[0.5, f64::NAN]),
        "score 0 of row 1 is not a number; look for a diverged model",
    );
    check(
        label_ranking_average_precision(&[[true, false]], &[[0.5, f64::NAN]]),
        "score 1 of row 0 is not a number; look for a diverged model",
    );
    check(
        binary_brier_score(&[true], &[1.5]),
        "probability 0 of row 0 is 1.5, expected 0 to 1; apply a softmax or sigmoid to logits first",
    );
    check(
        Reliability::from_confidences(&[true, false], &[0.5, -0.5], 10),
        "probability 0 of row 1 is -0.5, expected 0 to 1; apply a softmax or sigmoid to logits first",
    );
    check(
        brier_score(&[0], &[[0.75, 0.75]]),
        "probabilities of row 0 sum to 1.5, expected 1; apply a softmax over the classes",
    );
    check(
        partial_roc_auc(&[true, false], &[0.5, 0.4], 0.0),
        "max_false_positive_rate is 0, expected above 0, at most 1",
    );
    check(
        Reliability::from_confidences(&[true], &[0.5], 0),
        "num_bins is 0, expected at least 1",
    );
    check(
        squad_v1(&["a", "b"], &[vec!["a"], vec![]]),
        "question 1 has no true answer, expected at least one; score unanswerable questions by SQuAD 2.0",
    );
}
