//! The reference vectors, and how a value is compared with them.

use std::sync::LazyLock;

use mtnet_metrics::MetricError;
use serde::de::DeserializeOwned;
use serde_json::Value;

static FILE: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../fixtures/metrics.json")).expect("fixture is JSON")
});

/// What a metric gave for an entry of `expected`; `None` where the test skips the entry.
pub type Found = Option<Result<f64, MetricError>>;

/// One case of a group.
pub struct Case {
    /// Group and name, for messages.
    pub place: String,
    pub json: &'static Value,
    pub tolerance: f64,
}

/// All cases of a group.
pub fn cases(group: &str) -> Vec<Case> {
    let groups = FILE["groups"].as_array().expect("groups");
    let group = groups
        .iter()
        .find(|candidate| candidate["id"] == group)
        .unwrap_or_else(|| panic!("no group {group}"));
    let cases = group["cases"].as_array().expect("cases");
    cases
        .iter()
        .map(|json| Case {
            place: format!("{} of {}", json["name"], group["id"]),
            json,
            tolerance: group["tolerance"].as_f64().expect("tolerance"),
        })
        .collect()
}

impl Case {
    pub fn input<T: DeserializeOwned>(&self, name: &str) -> T {
        let value = self.json["inputs"][name].clone();
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{}: {error}", self.place))
    }

    /// A list of numbers in which `null` is NaN.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        let values: Vec<Option<f64>> = self.input(name);
        values
            .into_iter()
            .map(|value| value.unwrap_or(f64::NAN))
            .collect()
    }

    pub fn expected(&self, name: &str) -> &'static Value {
        &self.json["expected"][name]
    }

    /// Asks for every entry of `expected` and compares the answer. An entry that the test does not
    /// know is a failure of the test, so that none is forgotten.
    pub fn check(&self, mut find: impl FnMut(&str) -> Found) {
        let expected = self.json["expected"].as_object().expect("expected");
        assert!(!expected.is_empty());
        for (name, expected) in expected {
            if let Some(found) = find(name) {
                self.compare(name, found, expected);
            }
        }
    }

    pub fn compare(&self, name: &str, found: Result<f64, MetricError>, expected: &Value) {
        let place = format!("{name} of {}", self.place);
        match (found, expected) {
            (Err(_), Value::Object(expected)) if expected.contains_key("error") => {}
            (Ok(found), Value::Null) => assert!(found.is_nan(), "{place}: {found}, expected NaN"),
            (Ok(found), Value::Number(expected)) => {
                let expected = expected.as_f64().expect("a number");
                let bound = self.tolerance * expected.abs().max(1.0);
                assert!(
                    (found - expected).abs() <= bound,
                    "{place}: {found}, expected {expected}"
                );
            }
            (found, expected) => panic!("{place}: {found:?}, expected {expected}"),
        }
    }
}

/// 0 and 1 as booleans.
pub fn holds(values: &[u8]) -> Vec<bool> {
    values.iter().map(|&value| value == 1).collect()
}
