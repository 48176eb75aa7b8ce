//! Numbers that may be no numbers: a log writes `null` for what is not finite, read here as NaN.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// A number, NaN for `null`.
pub fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// A map of numbers.
pub fn map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let map: BTreeMap<String, Option<f64>> = BTreeMap::deserialize(deserializer)?;
    Ok(map
        .into_iter()
        .map(|(key, number)| (key, number.unwrap_or(f64::NAN)))
        .collect())
}

/// A map of maps of numbers.
pub fn nested<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, BTreeMap<String, f64>>, D::Error> {
    #[derive(Deserialize)]
    struct Inner(#[serde(deserialize_with = "map")] BTreeMap<String, f64>);
    let outer: BTreeMap<String, Inner> = BTreeMap::deserialize(deserializer)?;
    Ok(outer
        .into_iter()
        .map(|(key, Inner(map))| (key, map))
        .collect())
}
