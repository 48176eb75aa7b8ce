//! The registry of methods, its JSON schema, and the table in the crate's documentation.

use mtnet_balance::{Balance, BalanceConfig, BalanceError, MethodConfig, MethodKind};
use serde_json::{Map, Value, json};

use crate::methods::tasks;

/// Methods without a paper: plain sums and constants.
const WITHOUT_PAPER: [&str; 3] = ["equal", "fixed", "constant-gradient"];

/// Every method's name and the schema of its settings, in the order of the registry.
fn registered() -> Vec<(String, Map<String, Value>)> {
    let schema = schemars::schema_for!(MethodConfig);
    let variants = schema.as_value()["oneOf"].as_array().unwrap().clone();
    let definitions = &schema.as_value()["$defs"];
    let settings = |variant: &Value| -> Map<String, Value> {
        let mut all = variant["properties"].as_object().unwrap().clone();
        if let Some(reference) = variant["$ref"].as_str() {
            let definition = &definitions[reference.rsplit('/').next().unwrap()];
            if let Some(own) = definition["properties"].as_object() {
                all.extend(own.clone());
            }
        }
        all
    };
    variants
        .iter()
        .map(|variant| {
            let mut settings = settings(variant);
            let name = settings.remove("method").unwrap()["const"].clone();
            (name.as_str().unwrap().to_owned(), settings)
        })
        .collect()
}

/// The method with the settings that it cannot do without.
fn table(name: &str) -> Value {
    let mut table = match name {
        "fixed" => json!({"weights": {"t0": 2.0}}),
        "cosmos" => json!({"lambda": 1.0}),
        "krum" => json!({"byzantine": 0}),
        "meta-balance" => json!({"target": "t0"}),
        "trimmed-mean" => json!({"trim": 1}),
        _ => json!({}),
    };
    table["method"] = name.into();
    table
}

fn read(table: Value) -> BalanceConfig {
    serde_json::from_value(table).unwrap()
}

/// Rows of the table in the documentation, by column.
fn documented() -> Vec<Vec<&'static str>> {
    include_str!("../../src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|row| {
            let row = row.strip_suffix(" |").unwrap();
            row.split(" | ").collect()
        })
        .collect()
}

#[test]
fn documentation_lists_the_registry() {
    let mut documented: Vec<&str> = documented()
        .iter()
        .map(|row| row[0].trim_end_matches('`'))
        .collect();
    let registered = registered();
    let mut registered: Vec<&str> = registered.iter().map(|(name, _)| name.as_str()).collect();
    documented.sort_unstable();
    registered.sort_unstable();
    assert_eq!(documented, registered);
}

#[test]
fn documentation_gives_paper_and_needs_of_each_method() {
    for row in documented() {
        let [name, purpose, source, needs] = row[..] else {
            panic!("{row:?}")
        };
        let name = name.trim_end_matches('`');
        assert!(!purpose.is_empty(), "{name}");
        let year = source
            .split([' ', ';', '(', ')'])
            .any(|word| matches!(word.parse(), Ok(1950..=2100)) && word.len() == 4);
        assert_eq!(year, !WITHOUT_PAPER.contains(&name), "{name}: {source}");
        let expected = match read(table(name)).kind() {
            MethodKind::Losses => "loss",
            MethodKind::Gramian => "Gramian",
            MethodKind::Gradients if name == "db-mtl" => "Gramian or gradients",
            MethodKind::Gradients => "gradients",
        };
        let first = needs.split(',').next().unwrap();
        assert_eq!(first, expected, "{name}: {needs}");
    }
}

#[test]
fn every_method_builds_as_the_kind_it_says_under_its_own_name() {
    let without_average = {
        let mut table = table("db-mtl");
        table["beta"] = 0.0.into();
        table
    };
    let names = registered();
    let tables = names.iter().map(|(name, _)| table(name));
    for table in tables.chain([without_average]) {
        let config = read(table.clone());
        let balance = config.build(&tasks(3)).unwrap();
        assert_eq!(balance.name(), table["method"], "{table}");
        let kind = match &balance {
            Balance::Losses(_) => MethodKind::Losses,
            Balance::Gradients(balancer) if balancer.needs_gramian_only() => MethodKind::Gramian,
            Balance::Gradients(_) => MethodKind::Gradients,
        };
        assert_eq!(config.kind(), kind, "{table}");
    }
}

#[test]
fn the_schema_of_the_whole_table_offers_every_method_and_option() {
    let schema = schemars::schema_for!(BalanceConfig);
    for option in ["normalize", "heads", "granularity", "at", "wrap"] {
        let described = schema.as_value()["properties"][option]["description"].as_str();
        assert!(described.is_some(), "{option}");
    }
    let variants = schema.as_value()["oneOf"].as_array().unwrap();
    let names: Vec<&str> = variants
        .iter()
        .map(|variant| variant["properties"]["method"]["const"].as_str().unwrap())
        .collect();
    let expected = registered();
    let expected: Vec<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, expected);
}

#[test]
fn the_schema_has_every_setting_of_every_method() {
    for (name, settings) in registered() {
        let written = serde_json::to_value(read(table(&name)).method).unwrap();
        for key in written.as_object().unwrap().keys() {
            let known = key == "method" || settings.contains_key(key);
            assert!(known, "`{name}` writes `{key}`, which its schema lacks");
        }
        for (key, schema) in settings {
            let described = schema["description"].as_str();
            assert!(
                described.is_some_and(|text| !text.is_empty()),
                "{name}.{key}"
            );
        }
    }
}

#[test]
fn every_number_is_held_against_its_range() {
    // Any finite number will do for these.
    let free = [
        "initial_log_variance",
        "min_log_variance",
        "initial_log_scale",
    ];
    let mut checked = 0;
    for (name, settings) in registered() {
        for (key, schema) in settings {
            let types = schema["type"].to_string();
            let number = types.contains("number") || types.contains("integer");
            if !number || free.contains(&key.as_str()) {
                continue;
            }
            let refused = |value: Value| {
                let mut table = table(&name);
                table[&key] = value;
                let config: BalanceConfig = match serde_json::from_value(table) {
                    Ok(config) => config,
                    // Counts cannot be negative.
                    Err(error) => return error.to_string().contains("invalid value"),
                };
                match config.build(&tasks(3)) {
                    Err(BalanceError::Setting {
                        method, setting, ..
                    }) => {
                        assert_eq!((method, setting), (name.as_str(), key.as_str()));
                        true
                    }
                    other => {
                        assert!(other.is_ok(), "{name}.{key}: {other:?}");
                        false
                    }
                }
            };
            assert!(refused(json!(-3)), "{name}.{key} accepts -3");
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}
