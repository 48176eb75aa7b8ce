//! Models for other programs, and back.

use serde_json::Value;

use crate::workplace::{Workplace, copy_model};

#[test]
fn a_graph_is_written_with_its_tokenizer_and_card() {
    let workplace = Workplace::new();
    copy_model(&workplace);
    let listed = workplace
        .mtnet(&[
            "export",
            "model",
            "--format",
            "onnx",
            "--output",
            "onnx",
            "--probabilities",
        ])
        .ok();
    for file in [
        "model.onnx",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "config.json",
        "tasks.json",
        "README.md",
    ] {
        assert!(listed.contains(file), "{listed}");
        assert!(workplace.path("onnx").join(file).is_file(), "{file}");
    }
    let card = std::fs::read_to_string(workplace.path("onnx/README.md")).unwrap();
    assert!(
        card.contains("`intent_logits`, `intent_probabilities`, `slots_logits`"),
        "{card}"
    );
}

#[test]
fn what_cannot_be_exported_is_told_and_leaves_no_folder() {
    let workplace = Workplace::new();
    copy_model(&workplace);
    for (args, expected) in [
        (
            &["--format", "hf", "--task", "intent"][..],
            "error: the encoder `mt-net` has no counterpart in transformers: it is MT-Net's own, and no \
             class reads it; export ONNX, which holds the whole computation",
        ),
        (
            &["--format", "hf"],
            "error: 0 tasks were named for --format hf, expected one --task, or --encoder",
        ),
        (
            &["--format", "hf", "--task", "intent", "--int8"],
            "error: --int8 is an option of --format onnx; a folder for transformers has none",
        ),
        (
            &["--format", "onnx", "--task", "intents"],
            "error: no task `intents` in this model; it has intent, slots",
        ),
    ] {
        let all = [&["export", "model", "--output", "out"], args].concat();
        assert_eq!(workplace.mtnet(&all).refused(2), expected);
        assert!(!workplace.path("out").exists());
    }
}

#[test]
fn a_classifier_goes_out_and_comes_back() {
    let workplace = Workplace::new();
    workplace.change_run(
        "preset = \"mt-net-window\"",
        "preset = \"mt-net-mini\"\nhidden_size = 16\npooling = \"first\"",
    );
    workplace
        .mtnet(&["train", "run.toml", "--output", "run"])
        .ok();
    workplace
        .mtnet(&[
            "export",
            "run/model",
            "--format",
            "hf",
            "--task",
            "intent",
            "--output",
            "hf",
        ])
        .ok();
    let told = workplace
        .mtnet(&["import", "hf", "--task", "again", "--output", "back"])
        .ok();
    assert_eq!(
        told.trim(),
        "again: classification with 2 columns, up to 512 tokens"
    );

    let logits = |model: &str, task: &str| -> Vec<f64> {
        let text = workplace
            .mtnet(&[
                "predict",
                model,
                "play Adele 👍🏽",
                "--logits",
                "--task",
                task,
            ])
            .ok();
        let line: Value = serde_json::from_str(&text).unwrap();
        assert!(line["windows"][0]["input_ids"].as_array().unwrap().len() > 2);
        serde_json::from_value(line["logits"][task][0].clone()).unwrap()
    };
    let (before, after) = (logits("run/model", "intent"), logits("back", "again"));
    assert_eq!(before.len(), 2);
    for (before, after) in before.iter().zip(after) {
        assert!((before - after).abs() < 1e-4, "{before} {after}");
    }
    let message = workplace
        .mtnet(&[
            "import",
            "run/model",
            "--task",
            "again",
            "--output",
            "other",
        ])
        .refused(3);
    assert!(
        message.contains("`architectures` names BertModel"),
        "{message}"
    );

    assert!(workplace.path("back/README.md").is_file());
    let message = workplace
        .mtnet(&[
            "export",
            "back",
            "--format",
            "hf",
            "--encoder",
            "--output",
            "./back",
        ])
        .refused(2);
    assert_eq!(
        message,
        "error: --output is ./back, the folder that is read; name another"
    );

    // The card that training wrote has a head that the hub reads.
    let card = std::fs::read_to_string(workplace.path("run/model/README.md")).unwrap();
    for part in [
        "---\nlibrary_name: mt-net\npipeline_tag: text-classification\n",
        "model-index:\n- name: \"tiny\"\n  results:\n  - task:\n      type: text-classification\n      name: \"intent\"\n",
        "      split: test\n    metrics:\n    - type: \"accuracy\"\n",
        "| requests | jsonl | not stated |",
        "| intent | requests | 4 | 4 | 4 |",
        "mtnet serve this-folder",
    ] {
        assert!(card.contains(part), "{part}\n{card}");
    }
}
