//! `best.toml`: the run file that was searched, with the winner's settings in it and its comments
//! kept.

use std::path::Path;

use mtnet_train::run_file::RunFile;
use toml_edit::{DocumentMut, Item, TableLike, Value};

use crate::search::objective_override;
use crate::settings::overrides;
use crate::{Search, Settings};

/// The edited text; `None` where an edit finds no place. Whoever calls sees whether it says the same
/// as `run`, the winner's run file with absolute paths.
pub(crate) fn edit(search: &Search, settings: &Settings, run: &RunFile) -> Option<String> {
    let mut document: DocumentMut = search.text.trim_start_matches('\u{feff}').parse().ok()?;
    let mut changes = search.overrides.clone();
    if search.run.config.train.metric_for_best_model != search.objective {
        changes.push(objective_override(&search.objective));
    }
    changes.extend(overrides(settings));
    for change in &changes {
        let (key, value) = change.split_once('=')?;
        let keys: Vec<&str> = key.split('.').map(str::trim).collect();
        let table = key.trim_start().split('.').next()?.trim();
        if table != "tune" {
            set(document.as_table_mut(), &keys, parse(value))?;
        }
    }
    document.remove("tune");
    make_absolute(document.as_table_mut(), run)?;
    Some(document.to_string())
}

/// The value of an override: TOML, or else a string as it stands.
fn parse(text: &str) -> Value {
    let text = text.trim();
    text.parse::<Value>().unwrap_or_else(|_| Value::from(text))
}

/// Sets a key below a table, entries of lists addressed by name or number.
fn set(table: &mut dyn TableLike, keys: &[&str], value: Value) -> Option<()> {
    let (&key, rest) = keys.split_first()?;
    if rest.is_empty() {
        put(table, key, value);
        return Some(());
    }
    if !table.contains_key(key) {
        table.insert(key, Item::Table(toml_edit::Table::new()));
    }
    let item = table.get_mut(key)?;
    if let Some(table) = item.as_table_like_mut() {
        return set(table, rest, value);
    }
    let (&name, rest) = rest.split_first()?;
    if let Some(entries) = item.as_array_of_tables_mut() {
        let named =
            |entry: &toml_edit::Table| entry.get("name").and_then(Item::as_str) == Some(name);
        let index = entries
            .iter()
            .position(named)
            .or_else(|| name.parse().ok())?;
        return set(entries.get_mut(index)?, rest, value);
    }
    let entries = item.as_array_mut()?;
    let named = |entry: &Value| {
        let table = entry.as_inline_table();
        table
            .and_then(|table| table.get("name"))
            .and_then(Value::as_str)
            == Some(name)
    };
    let index = entries
        .iter()
        .position(named)
        .or_else(|| name.parse().ok())?;
    set(entries.get_mut(index)?.as_inline_table_mut()?, rest, value)
}

/// Sets a key, and keeps the comment behind the old value.
fn put(table: &mut dyn TableLike, key: &str, mut value: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(item) => *item = Item::Value(value),
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// Paths as they are from anywhere; the folder of the run is left to whoever trains it.
fn make_absolute(document: &mut dyn TableLike, run: &RunFile) -> Option<()> {
    if let Some(table) = document.get_mut("run").and_then(Item::as_table_like_mut) {
        table.remove("output");
        absolute(table, "cache", &run.base);
    }
    if let Some(table) = document
        .get_mut("encoder")
        .and_then(Item::as_table_like_mut)
    {
        absolute(table, "word_vectors", &run.base);
        let from = table.get("from").and_then(Item::as_str);
        // A name that is no folder is looked for among the hub's models.
        if from.is_some_and(|from| run.base.join(from).is_dir()) {
            absolute(table, "from", &run.base);
        }
    }
    let datasets = document.get_mut("dataset")?.as_array_of_tables_mut()?;
    for dataset in datasets.iter_mut() {
        files(dataset, &run.base);
        let Some(joins) = dataset.get_mut("join") else {
            continue;
        };
        if let Some(joins) = joins.as_array_of_tables_mut() {
            joins.iter_mut().for_each(|join| files(join, &run.base));
        } else if let Some(joins) = joins.as_array_mut() {
            let joins = joins.iter_mut().filter_map(Value::as_inline_table_mut);
            joins.for_each(|join| files(join, &run.base));
        }
    }
    Some(())
}

fn files(table: &mut dyn TableLike, base: &Path) {
    for split in ["train", "dev", "test"] {
        absolute(table, split, base);
    }
}

fn absolute(table: &mut dyn TableLike, key: &str, base: &Path) {
    let Some(value) = table.get_mut(key).and_then(Item::as_value_mut) else {
        return;
    };
    if let Some(list) = value.as_array_mut() {
        list.iter_mut().for_each(|value| one(value, base));
    } else {
        one(value, base);
    }
}

fn one(value: &mut Value, base: &Path) {
    if let Some(path) = value.as_str() {
        let mut changed = Value::from(base.join(path).display().to_string());
        *changed.decor_mut() = value.decor().clone();
        *value = changed;
    }
}
