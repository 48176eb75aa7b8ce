//! The table of methods in the crate's documentation names every method, and no other.

use std::collections::BTreeSet;

use mtnet_balance::{BalanceConfig, GradientBalanceConfig};
use serde_json::Value;

/// Values of `method` anywhere in a JSON schema.
fn names(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            if let Some(name) = schema.pointer("/properties/method/const") {
                found.insert(name.as_str().unwrap().to_owned());
            }
            entries.values().for_each(|value| names(value, found));
        }
        Value::Array(entries) => entries.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[test]
fn documentation_lists_the_registry() {
    let mut registered = BTreeSet::new();
    names(
        schemars::schema_for!(BalanceConfig).as_value(),
        &mut registered,
    );
    names(
        schemars::schema_for!(GradientBalanceConfig).as_value(),
        &mut registered,
    );
    let source = include_str!("../../src/lib.rs");
    let rows = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"));
    let documented: BTreeSet<String> = rows
        .map(|row| row.split('`').next().unwrap().to_owned())
        .collect();
    assert!(registered.len() > 40, "{registered:?}");
    assert_eq!(documented, registered);
}
