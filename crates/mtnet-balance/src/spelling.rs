//! A misspelt method or setting is told the name that was probably meant.

use mtnet_core::nearest;
use serde::de::{Deserialize, Deserializer, Error};

/// Reads a `T`; an error about an unknown name also gives the nearest known one.
pub(crate) fn with_nearest<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::deserialize(deserializer).map_err(|error| {
        let message = error.to_string();
        match meant(&message) {
            Some(name) => D::Error::custom(format!("did you mean `{name}`? {message}")),
            None => error,
        }
    })
}

/// The nearest of the names that serde's message expects to the one that it found.
fn meant(message: &str) -> Option<&str> {
    // Names stand between backticks: the unknown one first, then the known ones.
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = ["unknown variant `", "unknown field `"];
    let found = unknown
        .iter()
        .any(|start| message.starts_with(start))
        .then(|| names.next())??;
    nearest(found, names)
}
