//! Coordinatewise aggregators against vectors that published implementations computed.

use mtnet_balance::TaskLosses;
use mtnet_balance::aggregator::*;
use serde_json::Value;

use crate::fixture::{Fixture, aggregators, matrix, numbers};

/// A Jacobian and the inputs and outputs recorded for it.
struct Case<'a> {
    rows: Vec<Vec<f64>>,
    value: &'a Value,
}

/// Compares a coordinatewise rule with the fixture.
fn check_columns(id: &str, direction: impl Fn(&Value, &Case<'_>) -> Vec<f64>) {
    let fixture: Fixture = aggregators();
    let method = fixture.method(id);
    for value in method["cases"].as_array().unwrap() {
        let rows = matrix(&fixture.jacobian(value["jacobian"].as_str().unwrap())["J"]);
        let case = Case { rows, value };
        let found = direction(&method["params"], &case);
        let place = format!("{id} {}", value["jacobian"]);
        let expected = value["output"].as_array().unwrap();
        for (found, expected) in found.iter().zip(expected) {
            // The reference has NaN where every gradient is 0: here that stays 0.
            let expected = expected.as_f64().unwrap_or(0.0);
            assert!(
                (found - expected).abs() <= 1e-8 * value["scale"].as_f64().unwrap(),
                "{place}: {found} {expected}"
            );
        }
    }
}

#[test]
fn trimmed_mean() {
    for id in [
        "torchjd.TrimmedMean.0",
        "torchjd.TrimmedMean.1",
        "torchjd.TrimmedMean.2",
        "torchjd.TrimmedMean.3",
    ] {
        check_columns(id, |params, case| {
            let config = TrimmedMeanConfig {
                trim: params["trim_number"].as_u64().unwrap(),
            };
            let gradients = GradientRows::from_f64(&case.rows).unwrap();
            let losses = TaskLosses::new(vec![Some(1.0); case.rows.len()]).unwrap();
            let mut direction = Vec::new();
            let mut write = |_: usize, entries: &[f64]| direction.extend_from_slice(entries);
            TrimmedMean::new(&config)
                .aggregate(&gradients, &losses, &mut write)
                .unwrap();
            direction
        });
    }
}

#[test]
fn grad_drop() {
    for id in ["torchjd.GradDrop", "torchjd.GradDrop.leak"] {
        check_columns(id, |_, case| {
            let leak = match case.value.get("leak") {
                Some(leak) => numbers(leak),
                None => vec![0.0; case.rows.len()],
            };
            let uniform = numbers(&case.value["uniform"]);
            uniform
                .iter()
                .enumerate()
                .map(|(column, uniform)| {
                    let entries = case.rows.iter().zip(&leak);
                    let column: Vec<(f64, f64)> =
                        entries.map(|(row, leak)| (row[column], *leak)).collect();
                    GradDrop::drop_signs(&column, *uniform)
                })
                .collect()
        });
    }
}
