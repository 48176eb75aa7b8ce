//! Names of tasks and data sets: two things a run file keeps apart.
//!
//! A task has a name, a head and any number of data sets; a data set can feed
//! several tasks. The names become tensor prefixes, metric prefixes and file
//! names, so their alphabet is small.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::CoreError;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// Checks and keeps a name.
            ///
            /// # Errors
            /// If it is empty, longer than 64 characters, or holds a character other than
            /// ASCII letters, digits, `-` and `_`.
            pub fn new(name: impl Into<String>) -> Result<Self, CoreError> {
                let name = name.into();
                let fits = name.len() <= 64
                    && name.starts_with(|c: char| c.is_ascii_alphanumeric())
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
                if fits { Ok(Self(name)) } else { Err(CoreError::Name { kind: $kind, name }) }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = CoreError;

            fn try_from(name: String) -> Result<Self, CoreError> {
                Self::new(name)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl std::str::FromStr for $type {
            type Err = CoreError;

            fn from_str(name: &str) -> Result<Self, CoreError> {
                Self::new(name)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The name of a task: what its head, metrics and answers are keyed by.
    TaskName,
    "task"
);
name!(
    /// The name of a data set: where examples come from.
    DatasetName,
    "data set"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_not_be_file_or_tensor_names_are_refused() {
        for good in ["pos", "ner-2", "Sentiment_en", "7up"] {
            assert_eq!(
                TaskName::new(good).map(|n| n.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in ["", "a/b", "a.b", "-x", "naïve", "two words"] {
            let message = TaskName::new(bad).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("task name `{bad}`")),
                "{message}"
            );
        }
        assert!(serde_json::from_str::<DatasetName>("\"a b\"").is_err());
    }
}
