//! Names, directions and units, and the list that carries them.

use mtnet_metrics::{Direction, Metric, MetricKind, MetricSet, Unit};
use serde_json::json;

#[test]
fn every_kind_is_found_by_its_name_and_no_two_share_one() {
    for &kind in MetricKind::ALL {
        assert_eq!(MetricKind::from_name(kind.name()), Some(kind));
        assert_eq!(kind.to_string(), kind.name());
        assert!(
            kind.name()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        );
    }
    assert_eq!(
        MetricKind::from_name("rmse/height"),
        Some(MetricKind::RootMeanSquaredError)
    );
    assert_eq!(MetricKind::from_name("acuracy"), None);
}

#[test]
fn errors_and_losses_are_lower_is_better() {
    let lower: Vec<&str> = MetricKind::ALL
        .iter()
        .filter(|kind| kind.direction() == Direction::LowerIsBetter)
        .map(|kind| kind.name())
        .collect();
    assert_eq!(
        lower,
        [
            "log_loss",
            "brier_score",
            "ece",
            "mce",
            "hamming_loss",
            "mse",
            "rmse",
            "mae",
            "loss"
        ]
    );
}

#[test]
fn better_is_strict_and_nan_is_worst() {
    let (higher, lower) = (Direction::HigherIsBetter, Direction::LowerIsBetter);
    assert!(higher.is_better(2.0, 1.0) && !higher.is_better(1.0, 2.0));
    assert!(lower.is_better(1.0, 2.0) && !lower.is_better(2.0, 1.0));
    for direction in [higher, lower] {
        assert!(!direction.is_better(1.0, 1.0));
        assert!(direction.is_better(1.0, f64::NAN));
        assert!(!direction.is_better(f64::NAN, 1.0));
        assert!(!direction.is_better(f64::NAN, f64::NAN));
    }
}

#[test]
fn a_set_keeps_its_order_and_replaces_by_name() {
    let mut metrics = MetricSet::new();
    assert!(metrics.is_empty() && metrics.main().is_none());
    metrics.record(MetricKind::Spearman, 0.5);
    metrics.record(MetricKind::Pearson, 0.25);
    metrics.insert(Metric::of_part(MetricKind::Pearson, "height", 0.75));
    metrics.record(MetricKind::Spearman, 0.625);
    let names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_ref()).collect();
    assert_eq!(names, ["spearman", "pearson", "pearson/height"]);
    assert_eq!(metrics.len(), 3);
    assert_eq!(metrics.main().unwrap().value, 0.625);
    assert_eq!(metrics.value("pearson/height"), Some(0.75));
    assert_eq!(metrics.value("accuracy"), None);

    let own = Metric {
        name: "seconds".into(),
        value: 1.0,
        direction: Direction::LowerIsBetter,
        unit: Unit::Coefficient,
    };
    metrics.extend([own.clone()]);
    assert_eq!(metrics.get("seconds"), Some(&own));
    let again: MetricSet = metrics.clone().into_iter().collect();
    assert_eq!(again, metrics);
}

#[test]
fn a_set_survives_json_with_undefined_values() {
    let mut metrics = MetricSet::new();
    metrics.record(MetricKind::Accuracy, 0.5);
    metrics.record(MetricKind::Pearson, f64::NAN);
    let written = serde_json::to_value(&metrics).unwrap();
    assert_eq!(
        written,
        json!([
            {"name": "accuracy", "value": 0.5, "direction": "higher-is-better", "unit": "fraction"},
            {"name": "pearson", "value": null, "direction": "higher-is-better", "unit": "coefficient"},
        ])
    );
    let read: MetricSet = serde_json::from_value(written).unwrap();
    assert_eq!(read.get("accuracy"), metrics.get("accuracy"));
    assert!(read.value("pearson").unwrap().is_nan());
}
