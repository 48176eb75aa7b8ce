//! R31: what earlier versions wrote can be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mtnet_fuzz::figure;
use safetensors::SafeTensors;
use serde_json::Value;

use super::{golden, hex};
use crate::workplace::Workplace;

/// Sums in another order, as another processor adds them.
const TOLERANCE: f64 = 1e-4;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[test]
fn r31_files_of_format_version_1_load_answer_and_go_on() {
    let workplace = Workplace::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/v1");
    copy(&folder, &workplace.path("v1"));
    let expected: Value = serde_json::from_slice(&golden("expected.json")).expect("JSON");

    // Scores of the checkpoint as a model folder.
    let args = [
        "eval",
        "v1/run/checkpoint-8",
        "--data",
        "v1/run.toml",
        "--json",
    ];
    let scores: Value = serde_json::from_str(&workplace.mtnet(&args).ok()).expect("JSON");
    let scores = numbers(&scores["metrics"]);
    let known = numbers(&expected["evaluation"]);
    assert!(known.len() > 10);
    let mut identical = true;
    for (name, value) in &known {
        let found = scores.get(name).unwrap_or_else(|| panic!("no {name}"));
        assert!(
            (found - value).abs() <= TOLERANCE,
            "{name}: {found}, was {value}"
        );
        identical &= found == value;
    }

    // The run goes on from it to the same weights.
    workplace
        .mtnet(&["train", "v1/run.toml", "--resume", "v1/run"])
        .ok();
    let bytes = fs::read(workplace.path("v1/run/model/model.safetensors")).expect("a model");
    let difference = largest_difference(&bytes, &golden("final.safetensors"));
    assert!(difference <= TOLERANCE, "{difference}");
    let same_bits = expected["final_model_sha256"] == hex(&bytes).as_str();
    let bits = |same| {
        if same {
            "bit-identical"
        } else {
            "equal within 1e-4"
        }
    };
    figure(
        "R31",
        format!(
            "format 1: {} scores {}, resumed weights {} (largest difference {difference:.1e})",
            known.len(),
            bits(identical),
            bits(same_bits)
        ),
    );
}

/// `task.metric` to number.
fn numbers(metrics: &Value) -> BTreeMap<String, f64> {
    let tasks = metrics.as_object().into_iter().flatten();
    tasks
        .flat_map(|(task, metrics)| {
            let metrics = metrics.as_object().into_iter().flatten();
            metrics
                .filter_map(move |(name, value)| Some((format!("{task}.{name}"), value.as_f64()?)))
        })
        .collect()
}

fn largest_difference(a: &[u8], b: &[u8]) -> f64 {
    let a = SafeTensors::deserialize(a).expect("weights");
    let b = SafeTensors::deserialize(b).expect("weights");
    let mut names = a.names();
    names.sort_unstable();
    assert_eq!(names.len(), b.names().len());
    let floats = |bytes: &[u8]| -> Vec<f32> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        assert!(rest.is_empty());
        numbers
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect()
    };
    let mut largest = 0.0_f64;
    for name in names {
        let (left, right) = (
            a.tensor(name).expect("it"),
            b.tensor(name).expect("the same"),
        );
        assert_eq!(left.shape(), right.shape(), "{name}");
        for (left, right) in floats(left.data()).into_iter().zip(floats(right.data())) {
            largest = largest.max(f64::from((left - right).abs()));
        }
    }
    largest
}
