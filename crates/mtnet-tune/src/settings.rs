//! The settings of a trial: dotted names with their values.

use std::collections::BTreeMap;

/// What a trial sets in the run file, by dotted name.
pub type Settings = BTreeMap<String, toml::Value>;

/// The settings as overrides of a run file: `train.learning_rate=0.003`.
pub(crate) fn overrides(settings: &Settings) -> Vec<String> {
    let one = |(name, value): (&String, &toml::Value)| format!("{name}={value}");
    settings.iter().map(one).collect()
}

/// The settings in one line for readers.
pub(crate) fn line(settings: &Settings) -> String {
    let one = |(name, value): (&String, &toml::Value)| format!("{name} = {value}");
    settings.iter().map(one).collect::<Vec<_>>().join(", ")
}
