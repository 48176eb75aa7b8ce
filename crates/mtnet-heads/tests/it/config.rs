//! Heads as run files write them.

use mtnet_core::{RandomStream, TaskName};
use mtnet_heads::{HeadConfig, HeadRegistry, TaskSpec};
use mtnet_kernels::ParamStore;

fn read(json: &str) -> Result<HeadConfig, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn build(head: HeadConfig, labels: &[&str]) -> Result<(), String> {
    let spec = TaskSpec::new(TaskName::new("t").unwrap(), head, labels.iter().copied());
    let store = ParamStore::new(RandomStream::new(1), &candle_core::Device::Cpu);
    HeadRegistry::default()
        .build(&spec, 8, store.builder())
        .map(|_| ())
        .map_err(|error| error.to_string())
}

#[test]
fn a_name_or_a_table_and_back() {
    for kind in [
        "classification",
        "multi-label",
        "regression",
        "token-classification",
        "question-answering",
    ] {
        let short = read(&format!("\"{kind}\"")).unwrap();
        let long = read(&format!(r#"{{"type": "{kind}", "dropout": 0.1}}"#)).unwrap();
        assert_eq!(short, long);
        assert_eq!(short.kind(), kind);
        let written = serde_json::to_string(&short).unwrap();
        assert_eq!(read(&written).unwrap(), short, "{written}");
    }
    let focal =
        read(r#"{"type": "classification", "loss": {"type": "focal", "gamma": 1.5}}"#).unwrap();
    assert!(serde_json::to_string(&focal).unwrap().contains("1.5"));
}

#[test]
fn mistakes_say_what_was_expected() {
    let cases = [
        (
            r#"{"type": "classification", "dropuot": 0.1}"#,
            "unknown field `dropuot`",
        ),
        (
            r#"{"type": "classification", "loss": {"type": "crossentropy"}}"#,
            "unknown variant `crossentropy`",
        ),
        (
            r#"{"type": "multi-label", "threshold": "high"}"#,
            "expected f32",
        ),
        ("3", "the type of a head, or a table with `type`"),
        (
            r#"{"dropout": 0.1}"#,
            "the type of a head, or a table with `type`",
        ),
    ];
    for (json, expected) in cases {
        let message = read(json).unwrap_err();
        assert!(message.contains(expected), "{json}: {message}");
    }
    let cases = [
        (r#""clasification""#, "did you mean `classification`"),
        (
            r#"{"type": "classification", "dropout": 1.0}"#,
            "dropout is 1",
        ),
        (
            r#"{"type": "multi-label", "threshold": 2.0}"#,
            "threshold is 2",
        ),
        (
            r#"{"type": "regression", "scale": [1.0, 2.0, 3.0]}"#,
            "expected 2 usable numbers",
        ),
        (
            r#"{"type": "classification", "loss": {"type": "cross-entropy", "class_weights": [1.0]}}"#,
            "1 weights",
        ),
    ];
    for (json, expected) in cases {
        let message = build(read(json).unwrap(), &["a", "b"]).unwrap_err();
        assert!(message.contains(expected), "{json}: {message}");
    }
    assert!(
        build("classification".parse().unwrap(), &["only"])
            .unwrap_err()
            .contains("at least 2 labels, found 1")
    );
    for (json, expected) in [
        (r#""question-answering""#, r#"its columns are ["a", "b"]"#),
        (
            r#"{"type": "question-answering", "n_best": 0}"#,
            "n_best is 0",
        ),
        (
            r#"{"type": "question-answering", "max_answer_tokens": 0}"#,
            "max_answer_tokens is 0",
        ),
    ] {
        let labels: &[&str] = match json.contains("type") {
            true => &["start", "end"],
            false => &["a", "b"],
        };
        let message = build(read(json).unwrap(), labels).unwrap_err();
        assert!(message.contains(expected), "{json}: {message}");
    }
    assert!(
        build("regression".parse().unwrap(), &[])
            .unwrap_err()
            .contains("at least 1 targets")
    );
}
