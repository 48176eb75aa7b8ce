//! Numbers that may be no numbers: JSON has no NaN, so `null` stands for whatever is not finite.
//!
//! serde_json writes such a number as `null` by itself; these functions read one back as NaN.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// A number, NaN for `null`.
pub(crate) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// A map of numbers.
pub(crate) fn map<'de, K, D>(deserializer: D) -> Result<BTreeMap<K, f64>, D::Error>
where
    K: Deserialize<'de> + Ord,
    D: Deserializer<'de>,
{
    let map: BTreeMap<K, Option<f64>> = BTreeMap::deserialize(deserializer)?;
    Ok(map
        .into_iter()
        .map(|(key, number)| (key, number.unwrap_or(f64::NAN)))
        .collect())
}

/// A map of maps of numbers.
pub(crate) fn nested<'de, K, D>(
    deserializer: D,
) -> Result<BTreeMap<K, BTreeMap<String, f64>>, D::Error>
where
    K: Deserialize<'de> + Ord,
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    struct Inner(#[serde(deserialize_with = "map")] BTreeMap<String, f64>);
    let outer: BTreeMap<K, Inner> = BTreeMap::deserialize(deserializer)?;
    Ok(outer
        .into_iter()
        .map(|(key, Inner(map))| (key, map))
        .collect())
}
