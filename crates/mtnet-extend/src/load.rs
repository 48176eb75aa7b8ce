//! The run file of an extension: a run file without what the model says already.
//!
//! Encoder, tokenizer, pooling and lengths are the model's, and a run file that states them is
//! refused. What it leaves open of the training gets defaults for going on from a trained model.

use std::path::Path;

use mtnet_train::run_file::RunFile;
use toml::{Table, Value};

use crate::ExtendError;

/// Keys of `[encoder]` that a run file may state: they change no answer of a frozen encoder.
const ENCODER_KEYS: [&str; 4] = [
    "hidden_dropout",
    "attention_dropout",
    "embedding_dropout",
    "layer_drop",
];

/// What training is like where a run file does not say it.
const DEFAULTS: [(&str, &str); 4] = [
    ("epochs", "10"),
    ("learning_rate", "1e-4"),
    ("head_learning_rate", "5e-3"),
    ("warmup_ratio", "0.1"),
];

/// Reads a run file whose encoder is that of the model folder `model`. Overrides are those of
/// [`RunFile::load`].
///
/// # Errors
/// As [`RunFile::load`], and if it states what the model says.
pub fn load_run(model: &Path, path: &Path, overrides: &[String]) -> Result<RunFile, ExtendError> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse_run(model, &text, path, overrides),
        // The same in the words of a run file's errors.
        Err(_) => Ok(RunFile::load(path, overrides)?),
    }
}

/// As [`load_run`], from the text of the run file `origin`.
///
/// # Errors
/// As [`load_run`].
pub fn parse_run(
    model: &Path,
    text: &str,
    origin: &Path,
    overrides: &[String],
) -> Result<RunFile, ExtendError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(table) = text.parse::<Table>() else {
        return Ok(RunFile::parse(text, origin, overrides)?);
    };
    let overridden: Vec<&str> = overrides.iter().filter_map(|text| key(text)).collect();
    let tables = [("encoder", &ENCODER_KEYS[..]), ("tokenizer", &[])];
    for (name, allowed) in tables {
        let refuse = |origin: String, key: &str| ExtendError::Stated {
            origin,
            key: format!("{name}.{key}"),
            model: model.to_owned(),
        };
        if let Some(Value::Table(stated)) = table.get(name) {
            let mut keys = stated.keys().map(String::as_str);
            if let Some(key) = keys.find(|key| !allowed.contains(key)) {
                return Err(refuse(origin.display().to_string(), key));
            }
        }
        for key in &overridden {
            let stated = key
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('.'));
            if let Some(key) = stated.filter(|key| !allowed.contains(key)) {
                return Err(refuse("override".to_owned(), key));
            }
        }
    }
    let states = |name: &str, key: &str| {
        let here = table.get(name).and_then(|table| table.get(key)).is_some();
        here || overridden.contains(&format!("{name}.{key}").as_str())
    };
    let quoted = |text: String| Value::String(text).to_string();
    let mut all = Vec::new();
    for (key, value) in DEFAULTS {
        if !states("train", key) {
            all.push(format!("train.{key}={value}"));
        }
    }
    if !states("run", "name") {
        let stem = origin.file_stem().unwrap_or_default().to_string_lossy();
        all.push(format!("run.name={}", quoted(stem.into_owned())));
    }
    let folder = std::path::absolute(model).map_err(ExtendError::file(model))?;
    let folder = folder.display().to_string();
    all.push(format!("encoder.from={}", quoted(folder)));
    all.extend_from_slice(overrides);
    Ok(RunFile::parse(text, origin, &all)?)
}

fn key(override_text: &str) -> Option<&str> {
    Some(override_text.split_once('=')?.0.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASKS: &str = r#"
        [[dataset]]
        name = "d"
        format = "tsv"
        train = "d.tsv"

        [[task]]
        name = "t"
        dataset = "d"
        head = "classification"
        label = "label"
    "#;

    fn parse(head: &str, overrides: &[&str]) -> Result<RunFile, ExtendError> {
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        let text = format!("{head}\n{TASKS}");
        parse_run("/models/m".as_ref(), &text, "new.toml".as_ref(), &overrides)
    }

    #[test]
    fn tasks_alone_are_a_run() {
        let run = parse("", &["train.epochs=2"]).unwrap().config;
        assert_eq!(run.run.name, "new");
        assert_eq!(run.encoder.from.as_deref(), Some("/models/m"));
        let train = run.train;
        assert_eq!((train.epochs, train.optimizer.learning_rate), (2.0, 1e-4));
        let stated = parse("[train]\nlearning_rate = 3e-5\n[run]\nname = \"x\"", &[]).unwrap();
        assert_eq!(stated.config.run.name, "x");
        assert_eq!(stated.config.train.optimizer.learning_rate, 3e-5);
    }

    #[test]
    fn what_the_model_says_is_refused() {
        for (head, overrides, key) in [
            (
                "[encoder]\npreset = \"mt-net-mini\"",
                &[][..],
                "encoder.preset",
            ),
            ("[encoder]\nmax_length = 9", &[], "encoder.max_length"),
            ("[tokenizer]\nvocab_size = 9", &[], "tokenizer.vocab_size"),
            ("", &["encoder.freeze=true"], "encoder.freeze"),
        ] {
            let message = parse(head, overrides).unwrap_err().to_string();
            assert!(message.contains(&format!("`{key}`")), "{message}");
            assert!(message.contains("/models/m"), "{message}");
        }
        assert!(parse("[encoder]\nhidden_dropout = 0.2", &[]).is_ok());
        assert!(matches!(parse("[run", &[]), Err(ExtendError::RunFile(_))));
    }
}
