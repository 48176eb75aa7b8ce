//! Hard classes against scikit-learn.

use mtnet_metrics::{Average, ConfusionMatrix, KappaWeights, PrecisionRecallF1};
use serde_json::Value;

use crate::oracle::{Case, cases};

#[test]
fn classification_agrees_with_scikit_learn() {
    let cases = cases("classification");
    assert_eq!(cases.len(), 18);
    for case in cases {
        check(&case);
    }
}

fn check(case: &Case) {
    let truth: Vec<usize> = case.input("y_true");
    let predicted: Vec<usize> = case.input("y_pred");
    let num_classes: usize = case.input("num_classes");
    let matrix = ConfusionMatrix::from_classes(&truth, &predicted, num_classes);
    let of = |value: fn(&ConfusionMatrix) -> f64| matrix.as_ref().map(value).map_err(Clone::clone);
    case.check(|name| {
        Some(match name {
            "accuracy" => of(ConfusionMatrix::accuracy),
            "balanced_accuracy" => of(ConfusionMatrix::balanced_accuracy),
            "f1_micro" | "f1_micro_all" => of(|matrix| matrix.average(Average::Micro).f1),
            "f1_macro" => of(|matrix| matrix.average(Average::Macro).f1),
            "f1_weighted" => of(|matrix| matrix.average(Average::Weighted).f1),
            "precision_macro" => of(|matrix| matrix.average(Average::Macro).precision),
            "recall_macro" => of(|matrix| matrix.average(Average::Macro).recall),
            "f1_macro_all" => of(|matrix| matrix.macro_average_of_all_classes().f1),
            "mcc" => of(ConfusionMatrix::matthews_correlation),
            "kappa" => of(|matrix| matrix.cohen_kappa(KappaWeights::None)),
            "kappa_quadratic_all" => of(|matrix| matrix.cohen_kappa(KappaWeights::Quadratic)),
            // Over the classes that occur, numbered anew.
            "kappa_linear" | "kappa_quadratic" => {
                let weights = match name {
                    "kappa_linear" => KappaWeights::Linear,
                    _ => KappaWeights::Quadratic,
                };
                present_only(&truth, &predicted).map(|matrix| matrix.cohen_kappa(weights))
            }
            "jaccard_macro" => of(ConfusionMatrix::macro_jaccard),
            "hamming_loss" => of(|matrix| 1.0 - matrix.accuracy()),
            "f1_binary" => of(|matrix| matrix.per_class()[1].f1),
            "precision_binary" => of(|matrix| matrix.per_class()[1].precision),
            "recall_binary" => of(|matrix| matrix.per_class()[1].recall),
            "per_class_precision" | "per_class_recall" | "per_class_f1" | "confusion" => {
                // Lists: compared below.
                return None;
            }
            other => panic!("unknown metric {other}"),
        })
    });
    let Ok(matrix) = matrix else {
        assert!(truth.is_empty());
        return;
    };
    let list = |name: &str, of: fn(&PrecisionRecallF1) -> f64| {
        let expected = case.expected(name).as_array().expect("a list");
        assert_eq!(expected.len(), num_classes);
        for (scores, expected) in matrix.per_class().iter().zip(expected) {
            case.compare(name, Ok(of(scores)), expected);
        }
    };
    list("per_class_precision", |scores| scores.precision);
    list("per_class_recall", |scores| scores.recall);
    list("per_class_f1", |scores| scores.f1);

    let rows: Vec<Vec<u64>> = matrix.clone().into();
    assert_eq!(serde_json::json!(rows), *case.expected("confusion"));
    let written = serde_json::to_value(&matrix).unwrap();
    assert_eq!(written, *case.expected("confusion"));
    let read: ConfusionMatrix = serde_json::from_value(written).unwrap();
    assert_eq!(read, matrix);
}

fn present_only(
    truth: &[usize],
    predicted: &[usize],
) -> Result<ConfusionMatrix, mtnet_metrics::MetricError> {
    let mut present: Vec<usize> = [truth, predicted].concat();
    present.sort_unstable();
    present.dedup();
    let renumber = |classes: &[usize]| -> Vec<usize> {
        let number = |class| present.binary_search(class).expect("present");
        classes.iter().map(number).collect()
    };
    ConfusionMatrix::from_classes(&renumber(truth), &renumber(predicted), present.len())
}

#[test]
fn a_table_that_is_no_confusion_matrix_is_refused() {
    let message = |json: Value| {
        serde_json::from_value::<ConfusionMatrix>(json)
            .unwrap_err()
            .to_string()
    };
    let found = message(serde_json::json!([[1, 0], [0]]));
    assert!(
        found.contains("row 1 of the confusion matrix has 1 entries, expected 2"),
        "{found}"
    );
    let found = message(serde_json::json!([[0, 0], [0, 0]]));
    assert!(found.contains("no examples given"), "{found}");
}

#[test]
fn counts_of_a_class_add_up() {
    //          predicted: 0  1  2
    let rows = vec![vec![5, 1, 0], vec![2, 3, 1], vec![0, 0, 4]];
    let matrix = ConfusionMatrix::try_from(rows).unwrap();
    let counts = matrix.class_counts(0);
    assert_eq!(counts.true_positives, 5);
    assert_eq!(counts.false_positives, 2);
    assert_eq!(counts.false_negatives, 1);
    assert_eq!(counts.support(), 6);
    assert_eq!(counts.predicted(), 7);
    assert_eq!(matrix.count(1, 0), 2);
    assert_eq!(matrix.total(), 16);
    assert_eq!(matrix.num_classes(), 3);
    assert_eq!(matrix.average(Average::Macro).support, 16);
}
