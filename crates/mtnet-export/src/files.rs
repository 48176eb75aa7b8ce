//! An exported folder before it is written.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::ExportError;

/// Files by their names below a folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Files(Vec<(String, Vec<u8>)>);

impl Files {
    pub(crate) fn add(&mut self, name: &str, content: impl Into<Vec<u8>>) {
        self.0.push((name.to_owned(), content.into()));
    }

    pub(crate) fn add_json(&mut self, name: &str, value: &Value) {
        self.add(name, format!("{value:#}\n"));
    }

    /// The content of a file.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, content)| content.as_slice())
    }

    /// Names and contents, in the order in which they are written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    /// Writes the files into `folder`, which is made if need be. Each is written beside its place
    /// and renamed into it; other files of the folder stay.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), ExportError> {
        for (name, content) in self.iter() {
            let path = folder.join(name);
            let failed = |source| ExportError::File {
                path: path.clone(),
                source,
            };
            let below = path.parent().unwrap_or(folder);
            fs::create_dir_all(below).map_err(failed)?;
            let file = path.file_name().unwrap_or_default().display().to_string();
            let beside = below.join(format!(".{file}.tmp"));
            fs::write(&beside, content).map_err(failed)?;
            fs::rename(&beside, &path).map_err(failed)?;
        }
        Ok(())
    }
}
