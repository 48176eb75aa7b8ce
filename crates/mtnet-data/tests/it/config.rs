//! Run file tables: what is accepted, what is refused, what comes out again.

use mtnet_core::DatasetName;
use mtnet_data::{DatasetConfig, Format, OneOrMany, SamplerConfig, Strategy, UnknownLabel, Words};

use crate::support::dataset;

#[test]
fn a_table_of_every_key_survives_writing() {
    let config = dataset(
        r#"
        name = "all"
        format = "tsv"
        train = ["a.tsv", "b.tsv"]
        dev = "c.tsv"
        test_fraction = 0.25
        split_seed = 7
        text = 0
        text_b = "1"
        id = "4"
        header = false
        delimiter = "|"
        quote = true
        label_separator = ","
        words = "characters"
        limit = 10
        [[join]]
        format = "conll"
        on = "sent_id"
        train = "x.conll"
        prefix = "ner."
        columns = ["token", "tag"]
        separator = " "
        "#,
    );
    config.check().unwrap();
    assert_eq!(config.text.as_ref().unwrap().as_str(), "0");
    assert_eq!(config.words, Words::Characters);
    let again: DatasetConfig = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
    assert_eq!(again, config);
}

#[test]
fn a_short_table_is_the_constructor() {
    let mut built = DatasetConfig::new(DatasetName::new("d").unwrap(), Format::Conllu);
    built.train = Some(OneOrMany::from(std::path::PathBuf::from("t.conllu")));
    assert_eq!(dataset("format = 'conllu'\ntrain = 't.conllu'"), built);
}

#[test]
fn a_wrong_table_is_told_what_is_wrong() {
    for (table, expected) in [
        (
            "format = 'csv'\ntext_colum = 'x'",
            "unknown field `text_colum`",
        ),
        (
            "format = 'xml'",
            "unknown variant `xml`, expected one of `jsonl`, `csv`",
        ),
        ("format = 'csv'\ntrain = 3", "invalid type: integer"),
        (
            "format = 'csv'\ntext = -1",
            "expected a field name or a column number from 0",
        ),
        (
            "format = 'csv'\ntext = 1.5",
            "expected a field name or a column number from 0",
        ),
        (
            "format = 'csv'\ntrain = true",
            "expected one value or a list of them",
        ),
        (
            "format = 'csv'\n[[join]]\nformat = 'csv'\non = 'id'\nfrom = 'x'",
            "unknown field `from`",
        ),
    ] {
        let error = toml::from_str::<DatasetConfig>(&format!("name = 'd'\n{table}")).unwrap_err();
        assert!(error.to_string().contains(expected), "{table}\n{error}");
    }
}

#[test]
fn settings_that_could_not_work_are_refused_by_name() {
    for (table, expected) in [
        (
            "format = 'csv'",
            "key `train`: no file at all, expected at least one of `train`, `dev` and `test`",
        ),
        (
            "format = 'csv'\ntrain = 'a'\nlimit = 0",
            "key `limit`: found 0, expected at least 1; leave it out for all examples",
        ),
        (
            "format = 'csv'\ntrain = 'a'\ndev_fraction = 1.5",
            "key `dev_fraction`: found 1.5, expected a share between 0 and 1, such as 0.1",
        ),
        (
            "format = 'csv'\ntrain = 'a'\ntest = 'b'\ntest_fraction = 0.1",
            "key `test_fraction`: `test` names a file already; remove one of the two",
        ),
        (
            "format = 'csv'\ntest = 'b'\ndev_fraction = 0.1",
            "key `dev_fraction`: a share of the training texts, but there is no `train` file",
        ),
        (
            "format = 'csv'\ntrain = 'a'\ndev_fraction = 0.5\ntest_fraction = 0.5",
            "key `dev_fraction`: with `test_fraction` it takes 1 of the training texts, expected less than 1",
        ),
        (
            "format = 'jsonl'\ntrain = 'a'\ndelimiter = ';'",
            "key `delimiter`: only for csv and tsv (conll has `separator`), and the format is jsonl; remove the key",
        ),
        (
            "format = 'csv'\ntrain = 'a'\nseparator = ' '",
            "key `separator`: only for conll (csv and tsv have `delimiter`), and the format is csv; remove the key",
        ),
        (
            "format = 'conllu'\ntrain = 'a'\ncolumns = ['token']",
            "key `columns`: only for conll, and for csv and tsv without a header, and the format is conllu; remove the key",
        ),
        (
            "format = 'csv'\ntrain = 'a'\ncolumns = ['text']",
            "key `columns`: the header names the columns already; set `header = false` if there is none",
        ),
        (
            "format = 'conll'\ntrain = 'a'\ncolumns = ['word', 'tag']",
            "key `columns`: found [\"word\", \"tag\"], expected one of them to be `token`, the word",
        ),
        (
            "format = 'conll'\ntrain = 'a'\ncolumns = ['token', '_', '_', 'x', 'x']",
            "key `columns`: `x` is there twice; write `_` for a column that is not needed",
        ),
        (
            "format = 'conll'\ntrain = 'a'\ntokens = 'words'",
            "key `tokens`: conll has its words in a column already; remove the key, or name that column `token` in `columns`",
        ),
        (
            "format = 'conllu'\ntrain = 'a'\ntext_b = 'b'",
            "key `text_b`: conllu holds one text an example; use jsonl, csv or tsv for pairs",
        ),
        (
            "format = 'csv'\ntrain = 'a'\ndelimiter = '\"'",
            "key `delimiter`: found '\"', expected a character such as `,` or `;`",
        ),
        (
            "format = 'csv'\ntrain = 'a'\nlabel_separator = ''",
            "key `label_separator`: found nothing, expected what stands between two labels, such as `,`",
        ),
        (
            "format = 'csv'\ntrain = 'a'\n[[join]]\nformat = 'conll'\non = 'id'\ntrain = 'b'\nquote = true",
            "key `join`: join 1: `quote`: only for csv and tsv, and the format is conll; remove the key",
        ),
        (
            "format = 'csv'\ntrain = 'a'\n[[join]]\nformat = 'csv'\non = 'id'",
            "key `join`: join 1: no file at all, expected at least one of `train`, `dev` and `test`",
        ),
    ] {
        let message = dataset(table).check().unwrap_err().to_string();
        assert_eq!(message, format!("data set `d`, {expected}"), "{table}");
    }
}

#[test]
fn samplers_are_checked_against_the_tasks() {
    let tasks = ["intent", "slots"].map(crate::support::task);
    let check = |table: &str| {
        let config: SamplerConfig = toml::from_str(table).unwrap();
        config
            .check(tasks.iter())
            .map_err(|error| error.to_string())
    };
    for table in [
        "",
        "strategy = 'temperature'",
        "strategy = 'temperature'\ntemperature = 5.0\nanneal = true",
        "strategy = 'weights'\nweights = { intent = 2.0 }\nexamples_per_epoch = 3",
        "strategy = 'round-robin'",
        "strategy = 'uniform'",
    ] {
        check(table).unwrap();
    }
    for (table, expected) in [
        (
            "temperature = 2.0",
            "key `temperature`: only for `strategy = \"temperature\"`; set it or remove the key",
        ),
        (
            "strategy = 'uniform'\nanneal = true",
            "key `anneal`: only for `strategy = \"temperature\"`; set it or remove the key",
        ),
        (
            "strategy = 'temperature'\ntemperature = 0.5",
            "key `temperature`: found 0.5, expected a number from 1 (proportional) upwards (towards uniform)",
        ),
        (
            "weights = { intent = 1.0 }",
            "key `weights`: only for `strategy = \"weights\"`; set it or remove the key",
        ),
        (
            "strategy = 'weights'\nweights = { slot = 1.0 }",
            "key `weights`: there is no task `slot`; did you mean `slots`?",
        ),
        (
            "strategy = 'weights'\nweights = { slots = -1.0 }",
            "key `weights`: task `slots` has weight -1, expected a finite number from 0",
        ),
        (
            "strategy = 'weights'\nweights = { slots = 0.0, intent = 0.0 }",
            "key `weights`: every task has weight 0, so nothing would be drawn",
        ),
        (
            "examples_per_epoch = 0",
            "key `examples_per_epoch`: found 0, expected at least 1; leave it out for as many as there are",
        ),
    ] {
        assert_eq!(check(table), Err(format!("sampler, {expected}")), "{table}");
    }
    assert_eq!(SamplerConfig::default().strategy, Strategy::Proportional);
    assert!(toml::from_str::<SamplerConfig>("strategy = 'random'").is_err());
    assert!(toml::from_str::<SamplerConfig>("stratgy = 'uniform'").is_err());
}

#[test]
fn unknown_labels_are_written_as_a_word_or_a_table() {
    #[derive(serde::Deserialize)]
    struct Task {
        unknown_label: UnknownLabel,
    }
    for (table, expected) in [
        ("unknown_label = 'error'", UnknownLabel::Error),
        ("unknown_label = 'ignore'", UnknownLabel::Ignore),
        (
            "unknown_label = { map_to = 'other' }",
            UnknownLabel::MapTo("other".to_owned()),
        ),
    ] {
        assert_eq!(
            toml::from_str::<Task>(table).unwrap().unknown_label,
            expected
        );
    }
}

#[test]
fn the_schema_says_what_the_types_accept() {
    let schema = schemars::schema_for!(DatasetConfig).to_value();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], serde_json::json!(["name", "format"]));
    let train = schema["properties"]["train"].to_string();
    assert!(
        train.contains("\"array\"") && train.contains("\"string\""),
        "{train}"
    );
    let undescribed: Vec<&String> = schema["properties"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, property)| property.get("description").is_none())
        .map(|(name, _)| name)
        .collect();
    assert!(undescribed.is_empty(), "{undescribed:?}");
}
