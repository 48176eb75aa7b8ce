//! Scores and probabilities of classes against scikit-learn.

use mtnet_metrics::{
    Average, MetricError, average_precision, binary_brier_score, binary_log_loss, brier_score,
    log_loss, partial_roc_auc, roc_auc, roc_auc_one_vs_one, roc_auc_one_vs_rest, top_k_accuracy,
};

use crate::oracle::{cases, holds};

#[test]
fn binary_scores_agree_with_scikit_learn() {
    let cases = cases("binary_scores");
    assert_eq!(cases.len(), 14);
    for case in cases {
        let truth = holds(&case.input::<Vec<u8>>("y_true"));
        let scores = case.numbers("score");
        case.check(|name| {
            Some(match name {
                "roc_auc" => roc_auc(&truth, &scores),
                "roc_auc_max_fpr_0.2" => partial_roc_auc(&truth, &scores, 0.2),
                "average_precision" => average_precision(&truth, &scores),
                "log_loss" => binary_log_loss(&truth, &scores),
                "brier" => binary_brier_score(&truth, &scores),
                other => panic!("unknown metric {other}"),
            })
        });
    }
}

#[test]
fn multiclass_scores_agree_with_scikit_learn() {
    let cases = cases("multiclass_scores");
    assert_eq!(cases.len(), 8);
    for case in cases {
        let truth: Vec<usize> = case.input("y_true");
        let rows: Vec<Vec<f64>> = case.input("prob");
        case.check(|name| {
            Some(match name {
                "log_loss" => log_loss(&truth, &rows),
                "brier_multiclass" => brier_score(&truth, &rows),
                "roc_auc_ovr_macro" => roc_auc_one_vs_rest(&truth, &rows, Average::Macro),
                "roc_auc_ovr_weighted" => roc_auc_one_vs_rest(&truth, &rows, Average::Weighted),
                "roc_auc_ovo_macro" => roc_auc_one_vs_one(&truth, &rows),
                "top2_accuracy" => top_k_accuracy(&truth, &rows, 2),
                other => panic!("unknown metric {other}"),
            })
        });
    }
}

#[test]
fn one_class_has_no_pair_and_no_rest() {
    let rows = [[0.7, 0.3], [0.4, 0.6]];
    assert!(roc_auc_one_vs_one(&[1, 1], &rows).unwrap().is_nan());
    let of = |average| roc_auc_one_vs_rest(&[1, 1], &rows, average).unwrap();
    assert!(of(Average::Macro).is_nan());
    assert!(of(Average::Weighted).is_nan());
    // Pooled over both classes: positives 0.3 and 0.6, negatives 0.7 and 0.4; one pair of four.
    assert_eq!(of(Average::Micro), 0.25);
}

#[test]
fn zero_and_minus_zero_are_one_score() {
    assert_eq!(roc_auc(&[true, false], &[-0.0, 0.0]).unwrap(), 0.5);
    assert_eq!(
        average_precision(&[true, false], &[-0.0, 0.0]).unwrap(),
        0.5
    );
}

#[test]
fn infinite_scores_have_a_place_in_the_order() {
    let scores = [f64::INFINITY, 0.0, f64::NEG_INFINITY];
    assert_eq!(roc_auc(&[true, true, false], &scores).unwrap(), 1.0);
}

#[test]
fn top_k_of_all_classes_is_one() {
    let rows = [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]];
    let of = |k| top_k_accuracy(&[2, 0], &rows, k).unwrap();
    assert_eq!([of(1), of(2), of(3), of(9)], [0.0, 0.0, 1.0, 1.0]);
    assert!(matches!(
        top_k_accuracy(&[2, 0], &rows, 0),
        Err(MetricError::Setting { setting: "k", .. })
    ));
}
