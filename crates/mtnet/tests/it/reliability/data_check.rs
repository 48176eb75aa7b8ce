//! R17: `mtnet check` finds planted faults, and says nothing about clean data.

use mtnet::core::{DatasetName, Split, TargetKind, TaskName};
use mtnet::data::{DatasetConfig, Format, QualitySplit, TaskField, find_faults, read_split};
use mtnet_fuzz::{Tier, figure, thread_time};
use serde_json::Value;

use super::planted::{FAULTS, clean, requests};
use crate::workplace::Workplace;

/// The report of a check.
fn report(workplace: &Workplace) -> Value {
    let text = workplace.mtnet(&["check", "run.toml", "--json"]).ok();
    serde_json::from_str(&text).expect("JSON")
}

/// Codes of the findings and the warnings, joined.
fn said(report: &Value) -> String {
    let list = |key: &str, field: Option<&str>| -> Vec<String> {
        let items = report[key].as_array().expect("a list").iter();
        items
            .map(|item| {
                field
                    .map_or(item, |field| &item[field])
                    .as_str()
                    .expect("text")
                    .to_owned()
            })
            .collect()
    };
    let mut said = list("findings", Some("code"));
    said.extend(list("warnings", None));
    said.join("\n")
}

#[test]
fn r17_planted_faults_are_found_and_clean_data_is_not_accused() {
    let alarms = said(&report(&clean()));
    assert_eq!(alarms, "", "three clean data sets");
    for (fault, expected, plant) in FAULTS {
        let workplace = clean();
        plant(&workplace);
        let said = said(&report(&workplace));
        assert!(
            said.contains(expected),
            "{fault}: expected {expected}\n{said}"
        );
    }
    figure(
        "R17",
        format!(
            "{0} of {0} planted faults found, 0 alarms on 3 clean sets; {1}",
            FAULTS.len(),
            speed()
        ),
    );
}

/// Rows a second of processor time, for reading and checking and for checking alone.
fn speed() -> String {
    let rows = Tier::from_env().pick(2_000, 20_000, 100_000);
    let workplace = Workplace::new();
    workplace.write("train.jsonl", requests(0..rows));
    let mut config = DatasetConfig::new(DatasetName::new("d").expect("a name"), Format::Jsonl);
    config.train = Some(std::path::PathBuf::from("train.jsonl").into());
    config.tokens = Some("tokens".into());
    let tasks = [("intent", TargetKind::Label), ("slots", TargetKind::Tags)]
        .map(|(name, kind)| (TaskName::new(name).expect("a name"), kind));
    let requests = tasks
        .clone()
        .map(|(name, kind)| TaskField::new(name.clone(), name.as_str(), kind));
    let tasks = tasks.into_iter().collect();
    let mut best = [f64::INFINITY; 2];
    for _ in 0..3 {
        let begun = thread_time();
        let data = read_split(&config, Split::Train, &requests, &workplace.path("")).expect("data");
        let read = thread_time();
        let split = QualitySplit {
            dataset: "d",
            format: Format::Jsonl,
            split: Split::Train,
            data: &data,
        };
        let found = find_faults(&[split], &tasks);
        assert!(found.iter().all(|finding| finding.code != "broken-entity"));
        best[0] = best[0].min((thread_time() - begun).as_secs_f64());
        best[1] = best[1].min((thread_time() - read).as_secs_f64());
    }
    let rate = |seconds: f64| rows as f64 / seconds;
    format!(
        "{:.0} rows/s read and checked, {:.0} rows/s checked, on one core ({rows} rows, best of 3)",
        rate(best[0]),
        rate(best[1])
    )
}
