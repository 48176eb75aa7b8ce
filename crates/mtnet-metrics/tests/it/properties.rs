//! What holds of decisions for any input: bounds, symmetries, and 1 for a perfect prediction.

use mtnet_metrics::{
    Average, ConfusionMatrix, KappaWeights, MultiLabelReport, squad_v1, squad_v2, token_accuracy,
};
use proptest::prelude::*;

const NUM_CLASSES: usize = 4;
const AVERAGES: [Average; 3] = [Average::Micro, Average::Macro, Average::Weighted];

fn pairs() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..NUM_CLASSES, 0..NUM_CLASSES), 1..40)
}

fn shuffled<T: Clone + std::fmt::Debug>(
    values: impl Strategy<Value = Vec<T>>,
) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
    values.prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle()))
}

fn matrix(pairs: &[(usize, usize)]) -> ConfusionMatrix {
    let (truth, predicted): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
    ConfusionMatrix::from_classes(&truth, &predicted, NUM_CLASSES).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 || (a.is_nan() && b.is_nan())
}

proptest! {
    #[test]
    fn the_order_of_examples_does_not_matter((pairs, shuffled) in shuffled(pairs())) {
        prop_assert_eq!(matrix(&pairs), matrix(&shuffled));
    }

    #[test]
    fn the_names_of_classes_do_not_matter(
        pairs in pairs(),
        names in Just((0..NUM_CLASSES).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let renamed: Vec<_> = pairs.iter().map(|&(t, p)| (names[t], names[p])).collect();
        let (a, b) = (matrix(&pairs), matrix(&renamed));
        prop_assert!(close(a.accuracy(), b.accuracy()));
        prop_assert!(close(a.balanced_accuracy(), b.balanced_accuracy()));
        prop_assert!(close(a.matthews_correlation(), b.matthews_correlation()));
        prop_assert!(close(a.cohen_kappa(KappaWeights::None), b.cohen_kappa(KappaWeights::None)));
        for average in AVERAGES {
            prop_assert!(close(a.average(average).f1, b.average(average).f1));
        }
    }

    #[test]
    fn class_metrics_stay_in_their_bounds(pairs in pairs()) {
        let matrix = matrix(&pairs);
        let mut fractions = vec![matrix.accuracy(), matrix.balanced_accuracy(), matrix.macro_jaccard()];
        for average in AVERAGES {
            let scores = matrix.average(average);
            prop_assert_eq!(scores.support, pairs.len() as u64);
            fractions.extend([scores.precision, scores.recall, scores.f1]);
        }
        for fraction in fractions {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&fraction), "{}", fraction);
        }
        prop_assert!(matrix.matthews_correlation().abs() <= 1.0 + 1e-12);
        for weights in [KappaWeights::None, KappaWeights::Linear, KappaWeights::Quadratic] {
            let kappa = matrix.cohen_kappa(weights);
            prop_assert!(kappa.is_nan() || kappa <= 1.0 + 1e-12);
        }
    }

    #[test]
    fn swapping_truth_and_prediction_swaps_precision_and_recall(pairs in pairs()) {
        let swapped: Vec<_> = pairs.iter().map(|&(t, p)| (p, t)).collect();
        let (a, b) = (matrix(&pairs), matrix(&swapped));
        let (before, after) = (a.average(Average::Macro), b.average(Average::Macro));
        prop_assert!(close(before.precision, after.recall));
        prop_assert!(close(before.recall, after.precision));
        prop_assert!(close(before.f1, after.f1));
        prop_assert!(close(a.matthews_correlation(), b.matthews_correlation()));
    }

    #[test]
    fn micro_scores_are_the_accuracy(pairs in pairs()) {
        let matrix = matrix(&pairs);
        let micro = matrix.average(Average::Micro);
        for score in [micro.precision, micro.recall, micro.f1] {
            prop_assert!(close(score, matrix.accuracy()));
        }
    }

    #[test]
    fn a_perfect_class_prediction_scores_one(classes in prop::collection::vec(0..NUM_CLASSES, 1..40)) {
        let matrix = ConfusionMatrix::from_classes(&classes, &classes, NUM_CLASSES).unwrap();
        prop_assert_eq!(matrix.accuracy(), 1.0);
        prop_assert_eq!(matrix.balanced_accuracy(), 1.0);
        for average in AVERAGES {
            prop_assert!(close(matrix.average(average).f1, 1.0));
        }
        if classes.iter().any(|&class| class != classes[0]) {
            prop_assert!(close(matrix.matthews_correlation(), 1.0));
            prop_assert!(close(matrix.cohen_kappa(KappaWeights::Quadratic), 1.0));
        }
    }

    #[test]
    fn multi_label_decisions_behave(
        rows in prop::collection::vec((prop::array::uniform3(any::<bool>()), prop::array::uniform3(any::<bool>())), 1..20),
    ) {
        let (truth, predicted): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
        let report = MultiLabelReport::new(&truth, &predicted).unwrap();
        // Every wrong example has at least one and at most three wrong labels.
        let wrong = 1.0 - report.subset_accuracy();
        prop_assert!(report.hamming_loss() <= wrong + 1e-12);
        prop_assert!(3.0 * report.hamming_loss() >= wrong - 1e-12);
        prop_assert!(report.samples_jaccard() <= report.samples_average().f1 + 1e-12);

        let perfect = MultiLabelReport::new(&truth, &truth).unwrap();
        prop_assert_eq!(perfect.subset_accuracy(), 1.0);
        prop_assert_eq!(perfect.hamming_loss(), 0.0);
        if truth.iter().any(|row| row.contains(&true)) {
            prop_assert!(close(perfect.average(Average::Micro).f1, 1.0));
            prop_assert!(close(perfect.average(Average::Weighted).f1, 1.0));
        }

        let (truth, predicted): (Vec<_>, Vec<_>) = rows.iter().rev().copied().unzip();
        let reversed = MultiLabelReport::new(&truth, &predicted).unwrap();
        prop_assert_eq!(reversed.per_label(), report.per_label());
        prop_assert!(close(reversed.samples_average().f1, report.samples_average().f1));
    }

    #[test]
    fn token_accuracy_is_that_of_all_tokens_in_one_sequence(
        sentences in prop::collection::vec(prop::collection::vec((0..3u8, 0..3u8), 0..6), 1..6),
    ) {
        prop_assume!(sentences.iter().any(|tokens| !tokens.is_empty()));
        let split = |tokens: &[(u8, u8)]| -> (Vec<u8>, Vec<u8>) { tokens.iter().copied().unzip() };
        let (truth, predicted): (Vec<_>, Vec<_>) = sentences.iter().map(|s| split(s)).unzip();
        let (all_true, all_predicted) = split(&sentences.concat());
        let joined = token_accuracy(&[all_true], &[all_predicted]).unwrap();
        prop_assert!(close(token_accuracy(&truth, &predicted).unwrap(), joined));
        prop_assert_eq!(token_accuracy(&truth, &truth).unwrap(), 1.0);
    }

    #[test]
    fn an_exact_answer_scores_one(texts in prop::collection::vec("[a-z]{2,5}( [A-Z.!]{2,5}){0,3}x", 1..6)) {
        let answers: Vec<_> = texts.iter().map(|text| [text.as_str(), "else"]).collect();
        for scores in [squad_v1(&texts, &answers).unwrap(), squad_v2(&texts, &answers).unwrap()] {
            prop_assert_eq!((scores.exact_match, scores.f1), (1.0, 1.0));
        }
    }
}
