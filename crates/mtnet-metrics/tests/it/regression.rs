//! Numbers against scikit-learn and scipy.

use mtnet_metrics::{
    explained_variance, kendall_tau_b, mean_absolute_error, mean_squared_error, pearson, r_squared,
    root_mean_squared_error, spearman,
};

use crate::oracle::cases;

#[test]
fn regression_metrics_agree_with_scikit_learn_and_scipy() {
    let cases = cases("regression");
    assert_eq!(cases.len(), 16);
    for case in cases {
        let truth = case.numbers("y_true");
        let predicted = case.numbers("y_pred");
        case.check(|name| {
            let metric: fn(&[f64], &[f64]) -> _ = match name {
                "mse" => mean_squared_error,
                "rmse" => root_mean_squared_error,
                "mae" => mean_absolute_error,
                "r2" => r_squared,
                "explained_variance" => explained_variance,
                "pearson" => pearson,
                "spearman" => spearman,
                "kendall_tau_b" => kendall_tau_b,
                other => panic!("unknown metric {other}"),
            };
            let found = metric(&truth, &predicted);
            if case.expected(name).get("error").is_some() {
                // The libraries raise; here such a value is undefined.
                assert!(found.unwrap().is_nan(), "{name} of {}", case.place);
                return None;
            }
            Some(found)
        });
    }
}

#[test]
fn a_constant_that_is_no_binary_fraction_is_constant() {
    // The mean of three times 0.1 is not 0.1.
    let constant = [0.1; 3];
    let other = [0.2, 0.7, 0.5];
    for metric in [pearson, spearman, kendall_tau_b] {
        assert!(metric(&constant, &other).unwrap().is_nan());
        assert!(metric(&other, &constant).unwrap().is_nan());
    }
    assert_eq!(r_squared(&constant, &other).unwrap(), 0.0);
    assert_eq!(r_squared(&constant, &constant).unwrap(), 1.0);
}

#[test]
fn correlations_survive_extreme_scales() {
    let truth: Vec<f64> = (0..50).map(f64::from).collect();
    for scale in [1e-150, 1e-10, 1e10, 1e150] {
        let predicted: Vec<f64> = truth.iter().map(|value| value * scale).collect();
        assert!(
            (pearson(&truth, &predicted).unwrap() - 1.0).abs() < 1e-12,
            "{scale}"
        );
        assert_eq!(kendall_tau_b(&truth, &predicted).unwrap(), 1.0);
    }
}
