//! A folder of data files, and short ways to read them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mtnet_core::{RawTarget, Split, TaskName};
use mtnet_data::{
    DataError, DatasetConfig, LabelOptions, SplitData, TargetKind, TaskField, TaskSchemas,
    read_split,
};
use tempfile::TempDir;

/// Data files that are gone after the test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            folder.write(name, content.as_bytes());
        }
        folder
    }

    pub fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.0.path().join(name), content).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Reads a split with the rest of the data set's table and `task: kind = field` requests.
    pub fn read(
        &self,
        table: &str,
        split: Split,
        requests: &[TaskField],
    ) -> Result<SplitData, DataError> {
        read_split(&dataset(table), split, requests, self.path())
    }

    pub fn train(&self, table: &str, requests: &[TaskField]) -> SplitData {
        self.read(table, Split::Train, requests)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// A message without the folder's own path.
    pub fn message(&self, error: &DataError) -> String {
        let prefix = format!("{}/", self.path().display());
        error.to_string().replace(&prefix, "")
    }
}

/// The data set of a table, called `d` unless it says otherwise.
pub fn dataset(table: &str) -> DatasetConfig {
    let named = match table.contains("name =") {
        true => table.to_owned(),
        false => format!("name = \"d\"\n{table}"),
    };
    toml::from_str(&named).unwrap_or_else(|error| panic!("{error}\n{named}"))
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Reads the training split of a data set among the fixtures.
pub fn fixture(table: &str, requests: &[TaskField]) -> SplitData {
    read_split(&dataset(table), Split::Train, requests, &fixtures())
        .unwrap_or_else(|error| panic!("{error}"))
}

pub fn task(name: &str) -> TaskName {
    TaskName::new(name).unwrap()
}

/// A task called like its field.
pub fn ask(field: &str, kind: TargetKind) -> TaskField {
    ask_all(&[field], kind)
}

/// A task called `t` of several fields, or like its only field.
pub fn ask_all(fields: &[&str], kind: TargetKind) -> TaskField {
    let name = match fields {
        [only] if TaskName::new(*only).is_ok() => only,
        _ => "t",
    };
    TaskField {
        task: task(name),
        fields: fields.iter().map(|&field| field.into()).collect(),
        kind,
    }
}

/// The words of an example as slices of its text.
pub fn words(data: &SplitData, example: usize) -> Vec<&str> {
    let segment = data.examples[example].text.first();
    let words = segment.words().unwrap();
    words
        .iter()
        .map(|word| &segment.text()[word.clone()])
        .collect()
}

pub fn text(data: &SplitData, example: usize) -> &str {
    data.examples[example].text.first().text()
}

/// The target of an example for a task.
pub fn target<'a>(data: &'a SplitData, example: usize, name: &str) -> Option<&'a RawTarget> {
    data.examples[example].targets.get(&task(name))
}

pub fn tags(tags: &str) -> RawTarget {
    RawTarget::Tags(tags.split_whitespace().map(str::to_owned).collect())
}

pub fn label(label: &str) -> RawTarget {
    RawTarget::Label(label.to_owned())
}

/// Schemas with default options for the tasks of some requests.
pub fn schemas(requests: &[TaskField], train: &SplitData) -> Result<TaskSchemas, DataError> {
    let options: BTreeMap<TaskName, LabelOptions> = requests
        .iter()
        .map(|request| (request.task.clone(), LabelOptions::new(request.kind)))
        .collect();
    TaskSchemas::infer(&options, &[train])
}
