//! Comparing a gradient weighting with reference vectors on given Jacobians.

use mtnet_balance::{Gramian, GramianRule, TaskInfo};
use serde_json::{Value, json};

use crate::fixture::{Fixture, aggregators, combine, entry_tolerance, matrix, numbers};

/// A case as a test sees it.
pub struct Case<'a> {
    pub rows: Vec<Vec<f64>>,
    pub gramian: Gramian,
    pub value: &'a Value,
}

impl Case<'_> {
    /// Tasks `t0`, `t1`, ….
    pub fn tasks(&self) -> Vec<TaskInfo> {
        (0..self.rows.len())
            .map(|task| TaskInfo::new(format!("t{task}"), None))
            .collect()
    }

    /// All of them.
    pub fn present(&self) -> Vec<usize> {
        (0..self.rows.len()).collect()
    }

    /// `{"t0": case.pref[0], …}` times `factor`, empty without a preference.
    pub fn preference(&self, factor: f64) -> Value {
        let entries = self.value["pref"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate();
        let named = entries.map(|(i, v)| (format!("t{i}"), json!(v.as_f64().unwrap() * factor)));
        Value::Object(named.collect())
    }

    /// The weights of a rule.
    pub fn rule<R: GramianRule>(&self, rule: &R) -> Vec<f64> {
        rule.weights(&self.gramian, &self.present()).unwrap()
    }
}

/// Compares `weights · J` with the fixture for every case of a method; `skip` names
/// Jacobians on which this crate deviates by choice.
pub fn check(id: &str, skip: &[&str], weights: impl Fn(&Value, &Case<'_>) -> Vec<f64>) {
    let fixture: Fixture = aggregators();
    let method = fixture.method(id);
    let mut compared = 0;
    let mut failures = Vec::new();
    for value in method["cases"].as_array().unwrap() {
        let name = value["jacobian"].as_str().unwrap();
        let jacobian = fixture.jacobian(name);
        let Some(tolerance) = entry_tolerance(method, value, jacobian) else {
            continue;
        };
        if skip.contains(&name) {
            continue;
        }
        let rows = matrix(&jacobian["J"]);
        let gramian = Gramian::from_rows(&rows).unwrap();
        let case = Case {
            rows,
            gramian,
            value,
        };
        let found = combine(&weights(&method["params"], &case), &case.rows);
        let expected = numbers(&value["output"]);
        let scale = value["scale"].as_f64().unwrap();
        let distance = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
        let worst = distance.fold(
            0.0,
            |worst, d| if d > worst || d.is_nan() { d } else { worst },
        );
        compared += 1;
        // Outputs were written with 9 digits.
        let largest = expected
            .iter()
            .fold(0.0, |largest: f64, e| largest.max(e.abs()));
        if worst.is_nan() || worst > tolerance * scale + 5e-9 * largest {
            failures.push(format!(
                "{name} {}: off by {:e} of {tolerance:e}",
                jacobian["tags"],
                worst / scale
            ));
        }
    }
    assert!(failures.is_empty(), "{id}: {failures:#?}");
    assert!(compared >= 5, "{id}: only {compared} cases compared");
}
