//! What holds of scores, probabilities and numbers for any input.

use mtnet_metrics::{
    Average, Reliability, average_precision, binary_log_loss, kendall_tau_b,
    label_ranking_average_precision, log_loss, mean_absolute_error, partial_roc_auc, pearson,
    r_squared, roc_auc, roc_auc_one_vs_rest, root_mean_squared_error, spearman,
};
use proptest::prelude::*;

/// Few distinct values, so that ties are common.
fn scored() -> impl Strategy<Value = Vec<(bool, f64)>> {
    let score = (-8..8i32).prop_map(|score| f64::from(score) / 4.0);
    prop::collection::vec((any::<bool>(), score), 2..40).prop_filter("both kinds", |pairs| {
        pairs.iter().any(|pair| pair.0) && pairs.iter().any(|pair| !pair.0)
    })
}

fn numbers() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let value = (-6..6i32).prop_map(|value| f64::from(value) / 2.0);
    prop::collection::vec((value.clone(), value), 2..40)
}

fn shuffled<T: Clone + std::fmt::Debug>(
    values: impl Strategy<Value = Vec<T>>,
) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
    values.prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle()))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 || (a.is_nan() && b.is_nan())
}

proptest! {
    #[test]
    fn roc_auc_is_the_share_of_ordered_pairs(pairs in scored()) {
        let mut ordered = 0.0;
        let mut all = 0.0;
        for (_, positive) in pairs.iter().filter(|pair| pair.0) {
            for (_, negative) in pairs.iter().filter(|pair| !pair.0) {
                all += 1.0;
                ordered += if positive > negative { 1.0 } else if positive == negative { 0.5 } else { 0.0 };
            }
        }
        let (truth, scores): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        prop_assert!(close(roc_auc(&truth, &scores).unwrap(), ordered / all));
    }

    #[test]
    fn only_the_order_of_scores_matters((pairs, shuffled) in shuffled(scored())) {
        let (truth, scores): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let (other_truth, other): (Vec<_>, Vec<f64>) = shuffled.into_iter().unzip();
        let other: Vec<f64> = other.into_iter().map(|score| score.exp() + 3.0).collect();
        let area = roc_auc(&truth, &scores).unwrap();
        prop_assert!(close(area, roc_auc(&other_truth, &other).unwrap()));
        for rate in [0.1, 0.5, 1.0] {
            let partial = partial_roc_auc(&truth, &scores, rate).unwrap();
            prop_assert!(close(partial, partial_roc_auc(&other_truth, &other, rate).unwrap()));
            prop_assert!(partial <= 1.0 + 1e-12);
        }
        let precision = average_precision(&truth, &scores).unwrap();
        prop_assert!(close(precision, average_precision(&other_truth, &other).unwrap()));
        prop_assert!(precision > 0.0 && precision <= 1.0 + 1e-12);

        let reversed: Vec<f64> = scores.iter().map(|score| -score).collect();
        prop_assert!(close(roc_auc(&truth, &reversed).unwrap(), 1.0 - area));
        let opposite: Vec<bool> = truth.iter().map(|holds| !holds).collect();
        prop_assert!(close(roc_auc(&opposite, &scores).unwrap(), 1.0 - area));
    }

    #[test]
    fn scores_that_are_the_truth_are_perfect(pairs in scored()) {
        let truth: Vec<bool> = pairs.iter().map(|pair| pair.0).collect();
        let scores: Vec<f64> = truth.iter().map(|&holds| f64::from(u8::from(holds))).collect();
        prop_assert_eq!(roc_auc(&truth, &scores).unwrap(), 1.0);
        prop_assert!(close(partial_roc_auc(&truth, &scores, 0.3).unwrap(), 1.0));
        prop_assert_eq!(average_precision(&truth, &scores).unwrap(), 1.0);
        prop_assert!(binary_log_loss(&truth, &scores).unwrap() < 1e-15);
        let rows: Vec<[f64; 2]> = scores.iter().map(|&yes| [1.0 - yes, yes]).collect();
        let labels: Vec<[bool; 2]> = truth.iter().map(|&holds| [!holds, holds]).collect();
        prop_assert_eq!(label_ranking_average_precision(&labels, &rows).unwrap(), 1.0);
    }

    #[test]
    fn two_classes_are_a_yes_or_no_question(pairs in scored()) {
        let truth: Vec<bool> = pairs.iter().map(|pair| pair.0).collect();
        let yes: Vec<f64> = pairs.iter().map(|pair| 1.0 / (1.0 + (-pair.1).exp())).collect();
        let classes: Vec<usize> = truth.iter().map(|&holds| usize::from(holds)).collect();
        let rows: Vec<[f64; 2]> = yes.iter().map(|&p| [1.0 - p, p]).collect();
        prop_assert!(close(log_loss(&classes, &rows).unwrap(), binary_log_loss(&truth, &yes).unwrap()));
        let area = roc_auc(&truth, &yes).unwrap();
        for average in [Average::Macro, Average::Weighted] {
            prop_assert!(close(roc_auc_one_vs_rest(&classes, &rows, average).unwrap(), area));
        }
    }

    #[test]
    fn calibration_errors_are_in_order(pairs in prop::collection::vec((any::<bool>(), 0.0..=1.0f64), 1..40), num_bins in 1..20usize) {
        let (is_right, confidences): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let bins = Reliability::from_confidences(&is_right, &confidences, num_bins).unwrap();
        let (mean, square, most) = (
            bins.expected_calibration_error(),
            bins.root_mean_square_calibration_error(),
            bins.maximum_calibration_error(),
        );
        prop_assert!(0.0 <= mean && mean <= square + 1e-12 && square <= most + 1e-12 && most <= 1.0);
        prop_assert_eq!(bins.bins().iter().map(|bin| bin.count).sum::<u64>(), is_right.len() as u64);
    }

    #[test]
    fn kendall_counts_pairs(pairs in numbers()) {
        let (mut score, mut in_truth, mut in_prediction) = (0.0, 0.0, 0.0);
        for (index, a) in pairs.iter().enumerate() {
            for b in &pairs[..index] {
                let signs = ((a.0 - b.0).total_cmp(&0.0) as i32 as f64, (a.1 - b.1).total_cmp(&0.0) as i32 as f64);
                score += signs.0 * signs.1;
                in_truth += signs.0.abs();
                in_prediction += signs.1.abs();
            }
        }
        let expected = score / (f64::sqrt(in_truth) * f64::sqrt(in_prediction));
        let (truth, predicted): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        prop_assert!(close(kendall_tau_b(&truth, &predicted).unwrap(), expected));
    }

    #[test]
    fn correlations_are_symmetric_bounded_and_blind_to_order_and_scale((pairs, shuffled) in shuffled(numbers())) {
        let (truth, predicted): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let (other_truth, other): (Vec<f64>, Vec<f64>) = shuffled.into_iter().unzip();
        let scaled: Vec<f64> = other.iter().map(|value| 8.0 * value + 2.0).collect();
        for metric in [pearson, spearman, kendall_tau_b] {
            let value = metric(&truth, &predicted).unwrap();
            prop_assert!(value.is_nan() || value.abs() <= 1.0);
            prop_assert!(close(value, metric(&predicted, &truth).unwrap()));
            prop_assert!(close(value, metric(&other_truth, &scaled).unwrap()));
            let reversed: Vec<f64> = predicted.iter().map(|value| -value).collect();
            prop_assert!(close(-value, metric(&truth, &reversed).unwrap()));
            let itself = metric(&truth, &truth).unwrap();
            prop_assert!(itself.is_nan() || close(itself, 1.0));
        }
        // Ranks see only the order.
        let cubes: Vec<f64> = predicted.iter().map(|value| value.powi(3)).collect();
        for metric in [spearman, kendall_tau_b] {
            prop_assert!(close(metric(&truth, &predicted).unwrap(), metric(&truth, &cubes).unwrap()));
        }
    }

    #[test]
    fn errors_are_in_order_and_zero_for_the_truth(pairs in numbers()) {
        let (truth, predicted): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let absolute = mean_absolute_error(&truth, &predicted).unwrap();
        let square = root_mean_squared_error(&truth, &predicted).unwrap();
        prop_assert!(0.0 <= absolute && absolute <= square + 1e-12);
        prop_assert!(r_squared(&truth, &predicted).unwrap() <= 1.0);
        prop_assert_eq!(root_mean_squared_error(&truth, &truth).unwrap(), 0.0);
        prop_assert_eq!(r_squared(&truth, &truth).unwrap(), 1.0);
    }
}
