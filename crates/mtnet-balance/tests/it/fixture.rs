//! Reference vectors, read from `tests/fixtures`.

use std::path::Path;

use serde_json::Value;

/// A file of reference vectors.
pub struct Fixture(Value);

fn read(name: &str) -> Fixture {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    Fixture(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// Loss weightings over sequences of losses.
pub fn weightings() -> Fixture {
    read("weightings.json")
}

/// Aggregators on Jacobians and on sequences of them.
pub fn aggregators() -> Fixture {
    read("aggregators.json")
}

impl Fixture {
    fn find(&self, list: &str, id: &str) -> &Value {
        let entries = self.0[list].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["id"] == id);
        entry.unwrap_or_else(|| panic!("no `{id}` in `{list}`"))
    }

    /// The method with this id.
    pub fn method(&self, id: &str) -> &Value {
        self.find("methods", id)
    }

    /// The Jacobian with this id.
    pub fn jacobian(&self, id: &str) -> &Value {
        self.find("jacobians", id)
    }

    /// The stateful method with this id.
    pub fn sequence_method(&self, id: &str) -> &Value {
        self.find("sequence_methods", id)
    }

    /// The sequence with this id.
    pub fn sequence(&self, id: &str) -> &Value {
        self.find("sequences", id)
    }
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<f64> {
    let entries = value.as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry.as_f64().unwrap())
        .collect()
}

/// A list of lists of numbers.
pub fn matrix(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

/// Equal up to `tolerance` times the largest absolute entry of what is expected.
pub fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, place: &str) {
    assert_eq!(found.len(), expected.len(), "{place}");
    let scale = expected
        .iter()
        .fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let distance = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    let worst = distance.fold(0.0, |largest: f64, value| {
        if value > largest || value.is_nan() {
            value
        } else {
            largest
        }
    });
    assert!(
        worst <= tolerance * scale,
        "{place}: {found:?}, expected {expected:?}"
    );
}

/// `Σ w_i g_i`.
pub fn combine(weights: &[f64], rows: &[Vec<f64>]) -> Vec<f64> {
    assert_eq!(weights.len(), rows.len());
    let mut sum = vec![0.0; rows[0].len()];
    for (weight, row) in weights.iter().zip(rows) {
        for (sum, entry) in sum.iter_mut().zip(row) {
            *sum += weight * entry;
        }
    }
    sum
}

/// How far a case may be off, relative to its scale; `None` where it is too
/// ill-conditioned to be compared.
///
/// The reference's own spread under rounding widens the tolerance of its output; exact
/// solutions on badly scaled Jacobians are compared at 1e-3.
pub fn entry_tolerance(method: &Value, case: &Value, jacobian: &Value) -> Option<f64> {
    let tolerance = method["tolerance"].as_f64().unwrap();
    let tagged = |tag: &str| {
        jacobian["tags"]
            .as_array()
            .unwrap()
            .iter()
            .any(|t| t == tag)
    };
    if method["target"] == "exact_output" {
        let graded = tagged("scales") || tagged("near_zero_row");
        return Some(if graded { 1e-3 } else { tolerance });
    }
    let spread = case["spread64"].as_f64().unwrap_or(0.0);
    (spread <= 1e-2).then(|| tolerance.max(10.0 * spread))
}
