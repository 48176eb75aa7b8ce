//! The files of a folder that transformers or sentence-transformers load.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use mtnet_core::TaskName;
use mtnet_encoders::{EncoderSpec, TransformerSpec};
use mtnet_kernels::Pooling;
use mtnet_model::ModelFolder;
use serde_json::{Map, Value, json};

use super::card::{encoder_card, task_card};
use super::classifier::{ClassifierNames, classifier, problem_type};
use crate::tokenizer::tokenizer_files;
use crate::weights::{Weight, Weights, encoder_spec};
use crate::{ExportError, Files};

/// A folder that `AutoModelForSequenceClassification`, `AutoModelForTokenClassification` or
/// `AutoModelForQuestionAnswering` of transformers loads unchanged and that answers the task with the model's logits.
///
/// # Errors
/// If the task is not in the model, or transformers has no class that computes the same: for
/// MT-Net's own encoders, for texts pooled other than by their first token, and for other dense
/// layers than the family's. The error says which and what can be done.
pub fn export_task(folder: &ModelFolder, task: &TaskName) -> Result<Files, ExportError> {
    let spec = transformer(folder)?;
    let names = names(&spec)?;
    let calibrated = &folder.model.tasks()[folder.model.task_index(task)?];
    let task = &calibrated.spec;
    let weights = Weights::of(folder);
    let (reads, head) = classifier(&weights, &spec, folder.model.pooling(), names, task)?;

    let mut tensors = encoder_tensors(&weights, &spec, &format!("{}.", names.prefix))?;
    tensors.extend(head);
    let mut config = config(&spec);
    let mut set = |key: &str, value: Value| config.insert(key.to_owned(), value);
    let architecture = names.architecture(reads);
    set("architectures", json!([architecture]));
    let numbered = || task.labels.iter().enumerate();
    set(
        "id2label",
        numbered()
            .map(|(id, label)| (id.to_string(), json!(label)))
            .collect::<Map<_, _>>()
            .into(),
    );
    set(
        "label2id",
        numbered()
            .map(|(id, label)| (label.clone(), json!(id)))
            .collect::<Map<_, _>>()
            .into(),
    );
    match problem_type(&task.head) {
        Some(problem) => set("problem_type", json!(problem)),
        None => config.shift_remove("problem_type"),
    };
    let mut files = files(folder, config, &tensors)?;
    files.add("README.md", task_card(&architecture, calibrated));
    Ok(files)
}

/// A folder with the encoder alone, for `AutoModel` of transformers and for sentence-transformers,
/// whose sentence vectors are the model's pooled rows.
///
/// BERT's class has a pooler, which MT-Net has no use for; it is written as the identity, so that
/// `pooler_output` is `tanh` of the first row and nothing is left to chance.
///
/// # Errors
/// If the encoder is one of MT-Net's own.
pub fn export_encoder(folder: &ModelFolder) -> Result<Files, ExportError> {
    let spec = transformer(folder)?;
    let names = names(&spec)?;
    let mut tensors = encoder_tensors(&Weights::of(folder), &spec, "")?;
    if names.prefix == "bert" || names.prefix == "roberta" {
        let hidden = spec.hidden_size;
        tensors.push((
            "pooler.dense.weight".to_owned(),
            Weight::diagonal(hidden, 1.0),
        ));
        tensors.push(("pooler.dense.bias".to_owned(), Weight::zeros(vec![hidden])));
    }
    let mut config = config(&spec);
    for key in ["id2label", "label2id", "problem_type"] {
        config.shift_remove(key);
    }
    let mut files = files(folder, config, &tensors)?;
    files.add_json(
        "modules.json",
        &json!([
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        ]),
    );
    let pooling = folder.model.pooling();
    files.add_json(
        "1_Pooling/config.json",
        &json!({
            "word_embedding_dimension": spec.hidden_size,
            "pooling_mode_cls_token": pooling == Pooling::First,
            "pooling_mode_mean_tokens": pooling == Pooling::Mean,
            "pooling_mode_max_tokens": pooling == Pooling::Max,
            "pooling_mode_mean_sqrt_len_tokens": false,
            "pooling_mode_weightedmean_tokens": false,
            "pooling_mode_lasttoken": false,
            "include_prompt": true,
        }),
    );
    files.add_json(
        "sentence_bert_config.json",
        &json!({"max_seq_length": folder.max_length, "do_lower_case": false}),
    );
    files.add_json(
        "config_sentence_transformers.json",
        &json!({"prompts": {}, "default_prompt_name": null, "similarity_fn_name": "cosine"}),
    );
    files.add("README.md", encoder_card(folder, spec.family.architecture));
    Ok(files)
}

fn transformer(folder: &ModelFolder) -> Result<TransformerSpec, ExportError> {
    match encoder_spec(folder)? {
        EncoderSpec::Transformer(spec) => Ok(spec),
        _ => Err(no_class("mt-net")),
    }
}

fn names(spec: &TransformerSpec) -> Result<&'static ClassifierNames, ExportError> {
    ClassifierNames::of(spec).ok_or_else(|| no_class(spec.family.model_type))
}

fn no_class(model_type: &str) -> ExportError {
    ExportError::NoCounterpart {
        what: format!("the encoder `{model_type}`"),
        program: "transformers",
        reason: "it is MT-Net's own, and no class reads it".to_owned(),
        remedy: "export ONNX, which holds the whole computation".to_owned(),
    }
}

/// The encoder's tensors below `prefix`.
fn encoder_tensors(
    weights: &Weights,
    spec: &TransformerSpec,
    prefix: &str,
) -> Result<Vec<(String, Weight)>, ExportError> {
    let parameters = EncoderSpec::Transformer(spec.clone()).parameters()?;
    let mut tensors = Vec::with_capacity(parameters.len());
    for name in parameters.keys() {
        tensors.push((format!("{prefix}{name}"), weights.get(name)?));
    }
    if lacks_types(spec) {
        let name = format!("{prefix}embeddings.token_type_embeddings.weight");
        tensors.push((name, Weight::zeros(vec![2, spec.embedding_size])));
    }
    Ok(tensors)
}

/// Whether the family's class has a segment table and the encoder has none: a table of zeros is
/// the same.
fn lacks_types(spec: &TransformerSpec) -> bool {
    spec.family.keys.type_vocab_size.is_some() && spec.type_vocab_size == 0
}

fn config(spec: &TransformerSpec) -> Map<String, Value> {
    let Value::Object(mut config) = spec.config_json() else {
        unreachable!("an encoder's configuration is an object");
    };
    if lacks_types(spec) {
        config.insert("type_vocab_size".to_owned(), json!(2));
    }
    config
}

/// Configuration, weights and tokenizer.
fn files(
    folder: &ModelFolder,
    config: Map<String, Value>,
    tensors: &[(String, Weight)],
) -> Result<Files, ExportError> {
    let mut files = Files::default();
    files.add_json("config.json", &Value::Object(config));
    let tensors: BTreeMap<&str, Tensor> = tensors
        .iter()
        .map(|(name, weight)| {
            let shape = weight.shape.as_slice();
            let tensor = Tensor::from_slice(&weight.values, shape, &Device::Cpu)?;
            Ok((name.as_str(), tensor))
        })
        .collect::<Result<_, candle_core::Error>>()?;
    // Readers in Python ask for the framework that wrote the file.
    let metadata = [("format".to_owned(), "pt".to_owned())].into();
    let bytes =
        safetensors::serialize(tensors, Some(metadata)).map_err(candle_core::Error::wrap)?;
    files.add("model.safetensors", bytes);
    tokenizer_files(folder, &mut files)?;
    Ok(files)
}
