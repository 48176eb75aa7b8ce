//! The label set of a task: label `i` is column `i` of its head's scores.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::CoreError;

/// Distinct label names in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct LabelSet {
    names: Vec<String>,
    index: HashMap<String, u32>,
}

impl LabelSet {
    /// Keeps the names in the order given.
    ///
    /// # Errors
    /// If there is none, or one is given twice.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Result<Self, CoreError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            return Err(CoreError::NoLabels);
        }
        let mut index = HashMap::with_capacity(names.len());
        for (position, name) in names.iter().enumerate() {
            if index.insert(name.clone(), position as u32).is_some() {
                return Err(CoreError::DuplicateLabel(name.clone()));
            }
        }
        Ok(Self { names, index })
    }

    /// The label names in column order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many labels there are.
    #[expect(clippy::len_without_is_empty, reason = "a label set is never empty")]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The column of a label, `None` if it is not in the set.
    pub fn index(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    /// The name of a column, `None` past the last.
    pub fn name(&self, index: u32) -> Option<&str> {
        self.names.get(index as usize).map(String::as_str)
    }
}

impl TryFrom<Vec<String>> for LabelSet {
    type Error = CoreError;

    fn try_from(names: Vec<String>) -> Result<Self, CoreError> {
        Self::new(names)
    }
}

impl From<LabelSet> for Vec<String> {
    fn from(labels: LabelSet) -> Self {
        labels.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_the_order_given_and_survive_json() {
        let labels = LabelSet::new(["b", "a", "标签"]).unwrap();
        assert_eq!(labels.index("标签"), Some(2));
        assert_eq!(labels.name(0), Some("b"));
        assert_eq!(labels.name(3), None);
        let json = serde_json::to_string(&labels).unwrap();
        assert_eq!(json, r#"["b","a","标签"]"#);
        assert_eq!(serde_json::from_str::<LabelSet>(&json).unwrap(), labels);
    }

    #[test]
    fn a_set_that_could_not_be_columns_is_refused() {
        assert_eq!(
            LabelSet::new(Vec::<String>::new()),
            Err(CoreError::NoLabels)
        );
        assert_eq!(
            LabelSet::new(["a", "b", "a"]),
            Err(CoreError::DuplicateLabel("a".into()))
        );
    }
}
