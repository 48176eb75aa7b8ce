//! Any number of labels against scikit-learn.

use mtnet_metrics::{
    Average, MultiLabelReport, label_average_precision, label_ranking_average_precision,
    label_roc_auc, per_label_average_precision,
};

use crate::oracle::{cases, holds};

#[test]
fn multi_label_metrics_agree_with_scikit_learn() {
    let cases = cases("multilabel");
    assert_eq!(cases.len(), 4);
    for case in cases {
        let table = |name| -> Vec<Vec<bool>> {
            let rows: Vec<Vec<u8>> = case.input(name);
            rows.iter().map(|row| holds(row)).collect()
        };
        let truth = table("y_true");
        let scores: Vec<Vec<f64>> = case.input("score");
        let report = MultiLabelReport::new(&truth, &table("y_pred")).unwrap();
        case.check(|name| {
            Some(match name {
                "f1_micro" => Ok(report.average(Average::Micro).f1),
                "f1_macro" => Ok(report.average(Average::Macro).f1),
                "f1_weighted" => Ok(report.average(Average::Weighted).f1),
                "f1_samples" => Ok(report.samples_average().f1),
                "jaccard_samples" => Ok(report.samples_jaccard()),
                "exact_match" => Ok(report.subset_accuracy()),
                "hamming_loss" => Ok(report.hamming_loss()),
                "average_precision_macro" => {
                    label_average_precision(&truth, &scores, Average::Macro)
                }
                "average_precision_micro" => {
                    label_average_precision(&truth, &scores, Average::Micro)
                }
                "roc_auc_macro" => label_roc_auc(&truth, &scores, Average::Macro),
                "roc_auc_micro" => label_roc_auc(&truth, &scores, Average::Micro),
                "lrap" => label_ranking_average_precision(&truth, &scores),
                other => panic!("unknown metric {other}"),
            })
        });
        let each = per_label_average_precision(&truth, &scores).unwrap();
        let mean = each.iter().sum::<f64>() / each.len() as f64;
        let expected = case.expected("average_precision_macro");
        case.compare("mean over labels", Ok(mean), expected);
    }
}

#[test]
fn labels_without_positives_weigh_nothing() {
    let truth = [[true, false], [false, false], [true, false]];
    let scores = [[0.9, 0.3], [0.6, 0.2], [0.2, 0.1]];
    // Of the first label: precision 1 at recall 1/2, then 2/3 at recall 1.
    let first = 0.5 + 0.5 * 2.0 / 3.0;
    let of = |average| label_average_precision(&truth, &scores, average).unwrap();
    assert!((of(Average::Weighted) - first).abs() < 1e-12);
    assert!((of(Average::Macro) - first / 2.0).abs() < 1e-12);
    // Of its pairs of a positive and a negative, one of two is in order.
    let area = label_roc_auc(&truth, &scores, Average::Weighted).unwrap();
    assert!((area - 0.5).abs() < 1e-12);
}

#[test]
fn an_example_without_labels_scores_zero_by_samples() {
    let rows = [[false, false], [true, false]];
    let report = MultiLabelReport::new(&rows, &rows).unwrap();
    assert_eq!(report.samples_average().f1, 0.5);
    assert_eq!(report.subset_accuracy(), 1.0);
    assert_eq!(report.per_label()[0].true_positives, 1);
}
