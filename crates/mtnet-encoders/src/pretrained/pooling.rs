//! The `1_Pooling/config.json` of a sentence-embedding model (Reimers and Gurevych 2019, §3).

use mtnet_kernels::Pooling;
use serde_json::Value;

use crate::ConfigError;

const MODES: [(&str, &str, Pooling); 3] = [
    ("pooling_mode_cls_token", "cls", Pooling::First),
    ("pooling_mode_mean_tokens", "mean", Pooling::Mean),
    ("pooling_mode_max_tokens", "max", Pooling::Max),
];

/// Reads the one mode that is switched on, in either form: a flag a mode, or `pooling_mode`.
pub(super) fn read(config: &Value) -> Result<Pooling, ConfigError> {
    let expected = "one of `cls`, `mean` and `max`; set `pooling` to choose another";
    let named = match config.get("pooling_mode") {
        Some(Value::String(mode)) => vec![mode.as_str()],
        Some(other) => return Err(ConfigError::value("pooling_mode", other, expected)),
        None => flags(config),
    };
    MODES
        .iter()
        .find(|(_, mode, _)| named == [*mode])
        .map(|&(_, _, pooling)| pooling)
        .ok_or_else(|| ConfigError::value("pooling_mode", named.join(" and "), expected))
}

fn flags(config: &Value) -> Vec<&str> {
    let Some(fields) = config.as_object() else {
        return Vec::new();
    };
    fields
        .iter()
        .filter(|(key, on)| key.starts_with("pooling_mode_") && **on == Value::Bool(true))
        .map(|(key, _)| {
            MODES
                .iter()
                .find(|(flag, ..)| flag == key)
                .map_or(key.as_str(), |(_, mode, _)| mode)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_mode_is_read_in_either_form_and_others_are_named() {
        let mean = json!({"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true});
        assert_eq!(read(&mean), Ok(Pooling::Mean));
        assert_eq!(read(&json!({"pooling_mode": "cls"})), Ok(Pooling::First));
        let both = json!({"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true});
        let message = read(&both).unwrap_err().to_string();
        assert!(
            message.contains("is mean and max, expected one of"),
            "{message}"
        );
        let other = json!({"pooling_mode_lasttoken": true});
        assert!(read(&other).unwrap_err().to_string().contains("lasttoken"));
    }
}
