//! Data files: read, labels inferred and targets encoded.

use std::collections::BTreeMap;

use mtnet_core::{DatasetName, Split, TargetKind, TaskName};
use mtnet_data::{
    DatasetConfig, Format, LabelOptions, TaskField, TaskSchemas, encode_targets, read_split,
};

use super::{Outcome, Target, scratch, told, write};

pub(super) const JSONL: Target = Target {
    name: "jsonl",
    dictionary: &["null", "[[]]", "{\"a\":{}}", "\\ud800", "NaN", "\"tokens\""],
    run: jsonl,
};

pub(super) const CSV: Target = Target {
    name: "csv",
    dictionary: &["\"\"", "\r\n", ",,,", "text,", "\"\n\""],
    run: csv,
};

pub(super) const TSV: Target = Target {
    name: "tsv",
    dictionary: &["\t\t", "\r\n", "\r", "\u{2028}"],
    run: tsv,
};

pub(super) const CONLL: Target = Target {
    name: "conll",
    dictionary: &["\n\n", "# id = 1\n", "-DOCSTART-", "B-", "I-X", "\tO\n"],
    run: conll,
};

pub(super) const CONLLU: Target = Target {
    name: "conllu",
    dictionary: &["1-2\t", "1.1\t", "SpaceAfter=No", "\n\n", "# text = "],
    run: conllu,
};

pub(super) const PARQUET: Target = Target {
    name: "parquet",
    dictionary: &["PAR1", "\u{15}\u{4}\u{15}", "huggingface", "ClassLabel"],
    run: parquet,
};

fn jsonl(bytes: &[u8]) -> Outcome {
    let mut config = dataset(Format::Jsonl);
    config.tokens = Some("tokens".into());
    read(
        config,
        bytes,
        &[("slots", TargetKind::Tags), ("intent", TargetKind::Label)],
    )
}

fn csv(bytes: &[u8]) -> Outcome {
    read(
        dataset(Format::Csv),
        bytes,
        &[("category", TargetKind::Label)],
    )
}

fn tsv(bytes: &[u8]) -> Outcome {
    let mut config = dataset(Format::Tsv);
    config.label_separator = Some(",".to_owned());
    read(
        config,
        bytes,
        &[
            ("labels", TargetKind::Labels),
            ("score", TargetKind::Numbers),
        ],
    )
}

fn conll(bytes: &[u8]) -> Outcome {
    read(dataset(Format::Conll), bytes, &[("tag", TargetKind::Tags)])
}

fn conllu(bytes: &[u8]) -> Outcome {
    read(
        dataset(Format::Conllu),
        bytes,
        &[("upos", TargetKind::Tags), ("feats", TargetKind::Tags)],
    )
}

fn parquet(bytes: &[u8]) -> Outcome {
    read(
        dataset(Format::Parquet),
        bytes,
        &[("label", TargetKind::Label)],
    )
}

fn dataset(format: Format) -> DatasetConfig {
    let name = DatasetName::new("d").expect("a name");
    let mut config = DatasetConfig::new(name, format);
    config.train = Some(std::path::PathBuf::from("data").into());
    config
}

fn read(config: DatasetConfig, bytes: &[u8], fields: &[(&str, TargetKind)]) -> Outcome {
    let folder = scratch();
    write(&folder.join("data"), bytes);
    let requests: Vec<TaskField> = fields
        .iter()
        .map(|&(field, kind)| TaskField::new(TaskName::new(field).expect("a name"), field, kind))
        .collect();
    let data = read_split(&config, Split::Train, &requests, &folder);
    let encoded = data.and_then(|data| {
        let options: BTreeMap<TaskName, LabelOptions> = requests
            .iter()
            .map(|request| (request.task.clone(), LabelOptions::new(request.kind)))
            .collect();
        let schemas = TaskSchemas::infer(&options, &[&data])?;
        encode_targets(&data, &schemas)
    });
    match encoded {
        Ok(_) => Outcome::Read,
        Err(error) => {
            let message = told(&error);
            let path = folder.join("data");
            let after = message.strip_prefix(&format!("{}:", path.display()));
            let line = after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()));
            // Some faults are of the whole file: it is empty, or a field is in no line of it.
            let whole = message.contains(&format!("`{}`", path.display()))
                || message.contains("no label in its training data");
            Outcome::Refused {
                placed: line || whole,
                message,
            }
        }
    }
}
