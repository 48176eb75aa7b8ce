//! Folders for transformers: names, shapes and settings, refusals, and the way back.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use mtnet_encoders::{EncoderSpec, PretrainedFolder};
use mtnet_export::{ExportError, Files, ImportOptions, export_encoder, export_task, import_task};
use mtnet_kernels::Pooling;
use mtnet_model::{ModelFolder, Predictor};
use serde_json::{Value, json};

use crate::support::{family, model, mt_net, odd_inputs, predictor, specs, task};

const FAMILIES: [&str; 5] = ["bert", "roberta", "xlm-roberta", "electra", "distilbert"];

fn tensors(files: &Files) -> BTreeMap<String, Tensor> {
    let bytes = files.get("model.safetensors").unwrap();
    let found = candle_core::safetensors::load_buffer(bytes, &Device::Cpu).unwrap();
    found.into_iter().collect()
}

fn json_file(files: &Files, name: &str) -> Value {
    serde_json::from_slice(files.get(name).unwrap()).unwrap()
}

/// The model of a family, pooled by the first token, with heads that its classes can hold.
fn exportable(name: &str) -> ModelFolder {
    let tasks = specs()
        .into_iter()
        .filter(|spec| spec.name.as_str() != "kind");
    model(&family(name), Pooling::First, tasks.collect())
}

#[test]
fn tensors_bear_their_published_names_and_shapes() {
    for (name, prefix, expected) in [
        (
            "bert",
            "bert",
            [("bert.pooler.dense.weight", 16), ("classifier.weight", 3)],
        ),
        (
            "roberta",
            "roberta",
            [
                ("classifier.dense.weight", 16),
                ("classifier.out_proj.weight", 3),
            ],
        ),
        (
            "xlm-roberta",
            "roberta",
            [
                ("classifier.dense.weight", 16),
                ("classifier.out_proj.weight", 3),
            ],
        ),
        (
            "electra",
            "electra",
            [
                ("classifier.dense.weight", 16),
                ("classifier.out_proj.weight", 3),
            ],
        ),
        (
            "distilbert",
            "distilbert",
            [("pre_classifier.weight", 16), ("classifier.weight", 3)],
        ),
    ] {
        let folder = exportable(name);
        let files = export_task(&folder, &task("intent")).unwrap();
        let found = tensors(&files);
        for (tensor, rows) in expected {
            assert_eq!(found[tensor].dims(), [rows, 16], "{name}");
            assert!(
                found.contains_key(&tensor.replace("weight", "bias")),
                "{name}"
            );
        }
        // All others are the encoder's, each under its own name.
        let spec = family(name);
        let own = spec.parameters().unwrap();
        assert_eq!(found.len(), own.len() + 4, "{name}");
        for (tensor, shape) in own {
            assert_eq!(found[&format!("{prefix}.{tensor}")].dims(), shape, "{name}");
        }
        let answers = tensors(&export_task(&folder, &task("where")).unwrap());
        assert_eq!(answers["qa_outputs.weight"].dims(), [2, 16]);
        assert_eq!(answers.len(), spec.parameters().unwrap().len() + 2);
        let words = tensors(&export_task(&folder, &task("slots")).unwrap());
        assert_eq!(words["classifier.weight"].dims(), [5, 16]);
        assert_eq!(words.len(), spec.parameters().unwrap().len() + 2);
    }
}

#[test]
fn settings_are_those_that_transformers_reads() {
    let folder = exportable("bert");
    for (name, class, problem) in [
        (
            "intent",
            "BertForSequenceClassification",
            json!("single_label_classification"),
        ),
        (
            "mood",
            "BertForSequenceClassification",
            json!("multi_label_classification"),
        ),
        (
            "stars",
            "BertForSequenceClassification",
            json!("regression"),
        ),
        ("slots", "BertForTokenClassification", Value::Null),
        ("where", "BertForQuestionAnswering", Value::Null),
    ] {
        let files = export_task(&folder, &task(name)).unwrap();
        let config = json_file(&files, "config.json");
        assert_eq!(config["architectures"], json!([class]));
        assert_eq!(config["problem_type"], problem);
        let id = folder.model.task_index(&task(name)).unwrap();
        let labels = &folder.model.tasks()[id].spec.labels;
        for (id, label) in labels.iter().enumerate() {
            assert_eq!(config["id2label"][id.to_string()], json!(label));
            assert_eq!(config["label2id"][label], json!(id));
        }
        let card = String::from_utf8(files.get("README.md").unwrap().to_vec()).unwrap();
        assert!(
            card.starts_with("---\nlibrary_name: transformers\n"),
            "{card}"
        );
    }
    let files = export_task(&folder, &task("intent")).unwrap();
    let settings = json_file(&files, "tokenizer_config.json");
    assert_eq!(settings["pad_token"], "[PAD]");
    assert_eq!(settings["cls_token"], "[CLS]");
    assert_eq!(settings["model_max_length"], 24);
    assert_eq!(
        settings["model_input_names"],
        json!(["input_ids", "token_type_ids", "attention_mask"])
    );
    // Readers ask the weights for the framework they are for.
    let weights = files.get("model.safetensors").unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(weights).unwrap();
    assert_eq!(header.metadata().as_ref().unwrap()["format"], "pt");
}

#[test]
fn a_dense_layer_of_the_familys_own_kind_is_taken_as_it_is() {
    let folder = model(&family("bert"), Pooling::First, specs());
    let found = tensors(&export_task(&folder, &task("kind")).unwrap());
    let own = folder.model.parameters();
    for (published, ours) in [
        ("bert.pooler.dense.weight", "heads.kind.dense.weight"),
        ("classifier.bias", "heads.kind.bias"),
    ] {
        let ours = own.get(ours).unwrap();
        let difference = (&found[published] - ours.as_tensor())
            .unwrap()
            .abs()
            .unwrap();
        assert_eq!(
            difference
                .flatten_all()
                .unwrap()
                .max(0)
                .unwrap()
                .to_scalar::<f32>()
                .unwrap(),
            0.0
        );
    }
}

#[test]
fn what_has_no_counterpart_is_refused_with_reason_and_remedy() {
    let refused = |folder: &ModelFolder, name: &str| -> String {
        let error = export_task(folder, &task(name)).unwrap_err();
        assert!(!matches!(error, ExportError::Tensor(_)));
        error.to_string()
    };
    let message = refused(&model(&mt_net(false), Pooling::First, specs()), "intent");
    assert_eq!(
        message,
        "the encoder `mt-net` has no counterpart in transformers: it is MT-Net's own, and no class \
         reads it; export ONNX, which holds the whole computation"
    );
    let window = model(&family("mt-net-transformer"), Pooling::First, specs());
    assert!(refused(&window, "slots").contains("the encoder `mt-net-transformer`"));
    assert!(export_encoder(&window).is_err());

    let mean = model(&family("bert"), Pooling::Mean, specs());
    let message = refused(&mean, "intent");
    assert_eq!(
        message,
        "the head of task `intent` has no counterpart in transformers: it reads the pooled rows of all \
         tokens, and the first row alone is read by `BertForSequenceClassification`; train with \
         `encoder.pooling = \"first\"`, or export ONNX or the encoder alone"
    );
    // Tags are read at single rows, however texts are pooled.
    assert!(export_task(&mean, &task("slots")).is_ok());

    let other = model(&family("electra"), Pooling::First, specs());
    let message = refused(&other, "kind");
    assert!(
        message.contains(
            "its dense layer has another activation than `ElectraForSequenceClassification`"
        ),
        "{message}"
    );
    let message = refused(&other, "intents");
    assert!(message.contains("no task `intents`"), "{message}");
}

#[test]
fn a_folder_that_was_exported_comes_back_with_the_same_logits() {
    for name in FAMILIES {
        let folder = exportable(name);
        let expected = predictor(&folder).logits(&odd_inputs(), &[]).unwrap();
        for spec in folder.model.tasks().iter().map(|task| &task.spec) {
            let place = tempfile::tempdir().unwrap();
            export_task(&folder, &spec.name)
                .unwrap()
                .save(place.path())
                .unwrap();
            let options = ImportOptions {
                task: task("again"),
                max_length: None,
            };
            let back = import_task(place.path(), &options, &Device::Cpu).unwrap();
            assert_eq!(back.max_length, folder.max_length);
            assert_eq!(back.model.tasks()[0].spec.labels, spec.labels);
            // Through the files, as a program would.
            let kept = tempfile::tempdir().unwrap();
            back.save(kept.path()).unwrap();
            let back = Predictor::open(kept.path(), &Device::Cpu).unwrap();
            let found = back.logits(&odd_inputs(), &[]).unwrap();
            for (found, expected) in found.iter().zip(&expected) {
                let (found, expected) =
                    (&found.logits[&task("again")], &expected.logits[&spec.name]);
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
                    let difference = (found - expected).abs();
                    let allowed = 1e-4 * expected.abs().max(1.0);
                    assert!(
                        difference <= allowed,
                        "{name}, {}: {found} {expected}",
                        spec.name
                    );
                }
            }
        }
    }
}

#[test]
fn an_encoder_folder_is_one_for_training_and_for_sentence_transformers() {
    for (name, pooling, mode) in [
        ("bert", Pooling::Mean, "pooling_mode_mean_tokens"),
        ("distilbert", Pooling::First, "pooling_mode_cls_token"),
        ("electra", Pooling::Max, "pooling_mode_max_tokens"),
    ] {
        let folder = model(&family(name), pooling, specs());
        let files = export_encoder(&folder).unwrap();
        let place = tempfile::tempdir().unwrap();
        files.save(place.path()).unwrap();
        let published = PretrainedFolder::open(place.path()).unwrap();
        assert_eq!(published.pooling().unwrap(), Some(pooling));
        let EncoderSpec::Transformer(_) = published.spec() else {
            panic!("{name} is a transformer");
        };
        let weights = published.weights(published.spec(), &Device::Cpu).unwrap();
        let poolers = if name == "bert" { 2 } else { 0 };
        assert_eq!(weights.ignored.len(), poolers, "{name}");
        assert_eq!(json_file(&files, "1_Pooling/config.json")[mode], true);
        assert_eq!(
            json_file(&files, "sentence_bert_config.json")["max_seq_length"],
            24
        );
        let modules = json_file(&files, "modules.json");
        assert_eq!(modules[1]["path"], "1_Pooling");
    }
}

#[test]
fn folders_that_hold_no_classifier_are_refused_with_what_was_found() {
    let folder = exportable("bert");
    let place = tempfile::tempdir().unwrap();
    export_task(&folder, &task("intent"))
        .unwrap()
        .save(place.path())
        .unwrap();
    let path = place.path().join("config.json");
    let good: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let refused = |change: &dyn Fn(&mut Value)| -> String {
        let mut config = good.clone();
        change(&mut config);
        std::fs::write(&path, config.to_string()).unwrap();
        let options = ImportOptions {
            task: task("again"),
            max_length: None,
        };
        import_task(place.path(), &options, &Device::Cpu)
            .unwrap_err()
            .to_string()
    };
    let message = refused(&|config| config["architectures"] = json!(["BertModel"]));
    assert!(
        message
            .contains("`architectures` names BertModel, expected `BertForSequenceClassification`"),
        "{message}"
    );
    let message = refused(&|config| config["id2label"] = json!({"0": "a", "2": "b"}));
    assert!(
        message.contains("`id2label` has 2 labels but none for 1"),
        "{message}"
    );
    let message = refused(&|config| config["problem_type"] = json!("ranking"));
    assert!(message.contains("`problem_type` is `ranking`"), "{message}");
    let message = refused(&|config| config["id2label"] = json!({"0": "a", "1": "b"}));
    assert!(message.contains("classifier"), "{message}");
    let options = ImportOptions {
        task: task("again"),
        max_length: Some(1000),
    };
    std::fs::write(&path, good.to_string()).unwrap();
    let error = import_task(place.path(), &options, &Device::Cpu).unwrap_err();
    assert_eq!(
        error.to_string(),
        "max_length is 1000, and the encoder reads 40 tokens; choose at most that"
    );
}
