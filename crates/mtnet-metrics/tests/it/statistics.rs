//! Intervals against scipy and numpy, and what they must be by their definition.

use std::sync::LazyLock;

use mtnet_metrics::{Bootstrap, Reliability, student_interval, student_quantile};
use serde_json::Value;

static FILE: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../fixtures/statistics.json")).expect("fixture is JSON")
});

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).expect("numbers")
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    let bound = tolerance * expected.abs().max(1.0);
    assert!(
        (found - expected).abs() <= bound,
        "{found}, expected {expected}"
    );
}

#[test]
fn quantiles_are_scipys() {
    let rows = FILE["quantiles"].as_array().expect("rows");
    assert_eq!(rows.len(), 42);
    for row in rows {
        let row = numbers(row);
        close(student_quantile(row[0], row[1]).unwrap(), row[2], 1e-10);
    }
}

#[test]
fn intervals_of_means_are_scipys() {
    for case in FILE["intervals"].as_array().expect("cases") {
        let number = |name: &str| case[name].as_f64().expect("a number");
        let values = numbers(&case["values"]);
        let found = student_interval(&values, number("level")).unwrap();
        close(found.value, number("mean"), 1e-12);
        close(found.lower, number("lower"), 1e-10);
        close(found.upper, number("upper"), 1e-10);
        assert_eq!(found.count, values.len());
    }
    let alone = student_interval(&[0.5], 0.95).unwrap();
    assert!(alone.lower.is_nan() && alone.upper.is_nan() && !alone.excludes_zero());
    let json = serde_json::to_string(&alone).unwrap();
    assert!(json.contains(r#""lower":null"#), "{json}");
}

#[test]
fn a_bootstrap_of_the_same_draws_is_numpys() {
    let bootstrap = |seed| Bootstrap {
        resamples: 500,
        seed,
        ..Bootstrap::default()
    };
    let found = bootstrap(11).mean(&numbers(&FILE["gains"])).unwrap();
    let expected = numbers(&FILE["mean_draws"]);
    close(found.lower, expected[0], 1e-12);
    close(found.upper, expected[1], 1e-12);

    let rows = |name: &str| -> Vec<Vec<f64>> {
        FILE[name]
            .as_array()
            .expect("rows")
            .iter()
            .map(numbers)
            .collect()
    };
    let (ours, theirs) = (rows("ours"), rows("theirs"));
    let difference = |sample: &[usize]| {
        let mean =
            |row: &Vec<f64>| sample.iter().map(|&at| row[at]).sum::<f64>() / sample.len() as f64;
        ours.iter()
            .zip(&theirs)
            .map(|(a, b)| mean(a) - mean(b))
            .collect()
    };
    let found = bootstrap(12).paired(40, 3, difference).unwrap();
    let expected = numbers(&FILE["paired_draws"]);
    close(found.lower, expected[0], 1e-12);
    close(found.upper, expected[1], 1e-12);
}

#[test]
fn a_bootstrap_of_other_draws_is_scipys_but_for_noise() {
    let gains = numbers(&FILE["gains"]);
    let many = Bootstrap {
        resamples: 20_000,
        ..Bootstrap::default()
    };
    let found = many.mean(&gains).unwrap();
    let expected = numbers(&FILE["scipy_bootstrap"]);
    let width = expected[1] - expected[0];
    close((found.lower - expected[0]) / width, 0.0, 0.03);
    close((found.upper - expected[1]) / width, 0.0, 0.03);
}

#[test]
fn calibration_error_is_its_definition() {
    let confidence = numbers(&FILE["confidence"]);
    let right: Vec<bool> = numbers(&FILE["right"])
        .iter()
        .map(|&is| is == 1.0)
        .collect();
    for (bins, expected) in FILE["ece"].as_object().expect("bins") {
        let bins = bins.parse().expect("a number");
        let found = Reliability::from_confidences(&right, &confidence, bins).unwrap();
        close(
            found.expected_calibration_error(),
            expected.as_f64().unwrap(),
            1e-12,
        );
    }
}

#[test]
fn systems_that_answer_alike_do_not_differ() {
    let found = Bootstrap::default()
        .paired(30, 2, |_| vec![0.0, 0.0])
        .unwrap();
    assert_eq!((found.lower, found.value, found.upper), (0.0, 0.0, 0.0));
    assert!(!found.excludes_zero());
}

#[test]
fn samples_without_a_value_are_left_out() {
    let mut samples = 0;
    let difference = |_: &[usize]| {
        samples += 1;
        vec![if samples % 2 == 0 { f64::NAN } else { 0.25 }]
    };
    let found = Bootstrap::default().paired(5, 1, difference).unwrap();
    assert_eq!((found.lower, found.upper), (0.25, 0.25));
}

#[test]
fn what_has_no_interval_is_refused() {
    let setting = |result: Result<_, mtnet_metrics::MetricError>| {
        result.map(|_: f64| ()).unwrap_err().to_string()
    };
    assert!(setting(student_quantile(1.0, 3.0)).contains("probability"));
    assert!(setting(student_quantile(0.5, 0.5)).contains("degrees"));
    assert!(student_interval(&[], 0.95).is_err());
    assert!(student_interval(&[1.0, f64::NAN], 0.95).is_err());
    assert!(student_interval(&[1.0, 2.0], 1.0).is_err());
    assert!(Bootstrap::default().mean(&[]).is_err());
    assert!(
        Bootstrap {
            resamples: 0,
            ..Bootstrap::default()
        }
        .mean(&[1.0])
        .is_err()
    );
    assert!(Bootstrap::default().paired(3, 0, |_| vec![]).is_err());
    assert!(
        Bootstrap::default()
            .paired_strata(&[], 1, |_| vec![0.0])
            .is_err()
    );
}

#[test]
fn test_sets_are_drawn_each_by_itself() {
    let difference = |samples: &[Vec<usize>]| {
        assert_eq!((samples[0].len(), samples[1].len()), (4, 9));
        assert!(samples[0].iter().all(|&at| at < 4) && samples[1].iter().all(|&at| at < 9));
        vec![samples.iter().flatten().sum::<usize>() as f64]
    };
    let found = Bootstrap::default()
        .paired_strata(&[4, 9], 1, difference)
        .unwrap();
    assert_eq!((found.value, found.count), (42.0, 13));
    assert!(found.lower < 42.0 && found.upper > 42.0);
}
