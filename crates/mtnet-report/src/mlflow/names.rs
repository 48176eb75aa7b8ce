//! Names that MLflow takes, and settings as its parameters.

use toml::Value;

/// Longest value of a parameter, in bytes.
const LONGEST: usize = 6_000;

/// `tag` with what MLflow refuses in a name (all but letters, digits and `_-. /`) as `_`.
pub fn metric_name(tag: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/');
    tag.chars().map(|c| if fits(c) { c } else { '_' }).collect()
}

/// The settings of a run file, dotted name by value. Tables of a list are called by their `name`.
/// Values that are longer than MLflow takes are cut.
pub fn parameters(run_file: &toml::Table) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    for (key, value) in run_file {
        flatten(key, value, &mut parameters);
    }
    parameters
}

fn flatten(name: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                flatten(&format!("{name}.{key}"), value, into);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_table) => {
            for (index, item) in items.iter().enumerate() {
                let own = item.get("name").and_then(Value::as_str);
                let own = own.map_or_else(|| index.to_string(), str::to_owned);
                flatten(&format!("{name}.{own}"), item, into);
            }
        }
        Value::String(text) => into.push((metric_name(name), cut(text))),
        other => into.push((metric_name(name), cut(&other.to_string()))),
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_what_mlflow_takes() {
        assert_eq!(
            metric_name("gradient_cosine/intent,slots"),
            "gradient_cosine/intent_slots"
        );
        assert_eq!(metric_name("loss/主题 1"), "loss/主题 1");
    }

    #[test]
    fn settings_become_dotted_names() {
        let text = "[run]\nseed = 3\n[[task]]\nname = \"topic\"\nlabels = [\"a\", \"b\"]\n\
                    [balance]\nweights = { topic = 2.0 }";
        let table: toml::Table = text.parse().unwrap();
        let mut found = parameters(&table);
        found.sort();
        let expected = [
            ("balance.weights.topic", "2.0"),
            ("run.seed", "3"),
            ("task.topic.labels", "[\"a\", \"b\"]"),
            ("task.topic.name", "topic"),
        ];
        assert_eq!(
            found,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        let long = toml::Table::from_iter([("text".to_owned(), Value::from("é".repeat(4_000)))]);
        assert_eq!(parameters(&long)[0].1.len(), LONGEST);
    }
}
