//! The simple form of an extension: one task, told by flags.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::ExtendError;

/// Share of the training texts that development takes where no file is given for it.
const DEV_FRACTION: f64 = 0.2;

/// One new task with its data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskFlags {
    /// Name of the task.
    pub task: String,
    /// Kind of its head.
    pub head: Option<String>,
    /// Its training file.
    pub train: Option<PathBuf>,
    /// Its development file; without one, a fifth of the training texts is set aside.
    pub dev: Option<PathBuf>,
    /// Its test file.
    pub test: Option<PathBuf>,
    /// The field of its label.
    pub label: Option<String>,
    /// The format of the files; by their ending where not given.
    pub format: Option<String>,
    /// The field of the text.
    pub text: Option<String>,
    /// The field of the second text of a pair.
    pub text_b: Option<String>,
    /// The field of the words.
    pub tokens: Option<String>,
}

impl TaskFlags {
    /// The same as a run file.
    ///
    /// # Errors
    /// If head, training file, label or format is missing.
    pub fn to_toml(&self) -> Result<String, ExtendError> {
        let missing = |flag, remedy: &str| ExtendError::Flag {
            flag,
            remedy: remedy.to_owned(),
        };
        let head = self.head.clone().ok_or_else(|| {
            missing(
                "head",
                "such as classification, multi-label, regression or token-classification",
            )
        })?;
        let train = self
            .train
            .clone()
            .ok_or_else(|| missing("train", "the file with its training examples"))?;
        let label = self
            .label
            .clone()
            .ok_or_else(|| missing("label", "the column or field that holds its label"))?;
        let format = match &self.format {
            Some(format) => format.clone(),
            None => by_ending(&train)?,
        };
        let file = |path: &Path| Value::String(path.display().to_string());
        let mut dataset = Table::new();
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                dataset.insert(key.to_owned(), value);
            }
        };
        let field = |field: &Option<String>| field.clone().map(Value::String);
        set("name", Some(Value::String(self.task.clone())));
        set("format", Some(Value::String(format)));
        set("train", Some(file(&train)));
        set("dev", self.dev.as_deref().map(file));
        if self.dev.is_none() {
            set("dev_fraction", Some(Value::Float(DEV_FRACTION)));
        }
        set("test", self.test.as_deref().map(file));
        set("text", field(&self.text));
        set("text_b", field(&self.text_b));
        set("tokens", field(&self.tokens));
        let task = Table::from_iter([
            ("name".to_owned(), Value::String(self.task.clone())),
            ("dataset".to_owned(), Value::String(self.task.clone())),
            ("head".to_owned(), Value::String(head)),
            ("label".to_owned(), Value::String(label)),
        ]);
        let list = |table: Table| Value::Array(vec![Value::Table(table)]);
        let run = Table::from_iter([
            ("dataset".to_owned(), list(dataset)),
            ("task".to_owned(), list(task)),
        ]);
        Ok(run.to_string())
    }
}

fn by_ending(path: &Path) -> Result<String, ExtendError> {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    match ending.as_ref() {
        "jsonl" | "csv" | "tsv" | "conll" | "conllu" | "parquet" => Ok(ending.into_owned()),
        _ => Err(ExtendError::Flag {
            flag: "format",
            remedy: format!(
                "{} does not end in jsonl, csv, tsv, conll, conllu or parquet",
                path.display()
            ),
        }),
    }
}
