//! The settings of a run, `run.toml`, as pairs of a dotted key and a value.

use toml::Value;

/// The effective run file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    text: String,
    pairs: Vec<(String, String)>,
}

impl Settings {
    /// Reads a run file.
    ///
    /// # Errors
    /// If it is no TOML.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let table: toml::Table = text.parse()?;
        let mut pairs = Vec::new();
        for (key, value) in &table {
            flatten(key, value, &mut pairs);
        }
        Ok(Self {
            text: text.to_owned(),
            pairs,
        })
    }

    /// The file as it stands.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of a dotted key such as `train.learning_rate`, strings without quotes.
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// All pairs in the file's order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The pairs that say how a run was made, without seed, name and places of files: equal for
    /// runs that differ in their seed alone.
    pub fn method(&self) -> impl Iterator<Item = (&str, &str)> {
        let incidental = [
            "run.seed",
            "run.name",
            "run.output",
            "run.cache",
            "train.threads",
        ];
        self.pairs
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(move |(key, _)| {
                !incidental.contains(key) && !key.starts_with("train.report_to")
            })
    }
}

/// Names an entry of a list by its `name` where it has one.
fn flatten(key: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Table(table) => {
            for (inner, value) in table {
                flatten(&format!("{key}.{inner}"), value, pairs);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_table) => {
            for (index, item) in items.iter().enumerate() {
                let name = item.get("name").and_then(Value::as_str);
                let name = name.map_or_else(|| index.to_string(), str::to_owned);
                flatten(&format!("{key}.{name}"), item, pairs);
            }
        }
        Value::String(text) => pairs.push((key.to_owned(), text.clone())),
        other => pairs.push((key.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_dotted_and_seeds_are_no_part_of_the_method() {
        let text = "[run]\nname = \"x\"\nseed = 3\n[train]\nepochs = 2.0\n\
                    [[task]]\nname = \"intent\"\nhead = \"classification\"\n";
        let settings = Settings::parse(text).unwrap();
        assert_eq!(settings.get("task.intent.head"), Some("classification"));
        assert_eq!(settings.get("train.epochs"), Some("2.0"));
        let other = Settings::parse(&text.replace("seed = 3", "seed = 4")).unwrap();
        assert!(settings.method().eq(other.method()));
        assert!(Settings::parse("a = ").is_err());
    }
}
