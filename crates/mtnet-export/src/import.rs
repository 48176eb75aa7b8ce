//! A published classifier as a model folder with one task.
//!
//! The encoder is read as for training, by [`PretrainedFolder`]; the classifier's dense layer and
//! affine map become a head with [`dense`](mtnet_heads::ClassificationConfig::dense), so that the
//! logits are the published model's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use mtnet_core::{RandomStream, TaskName};
use mtnet_encoders::{EncoderSpec, PretrainedFolder, build_encoder};
use mtnet_heads::{
    ClassificationConfig, HeadConfig, HeadRegistry, MultiLabelConfig, QuestionAnsweringConfig,
    Reads, RegressionConfig, SPAN_COLUMNS, TaskSpec, TokenClassificationConfig,
};
use mtnet_kernels::{Activation, ParamStore, Pooling};
use mtnet_model::{ModelFolder, MultiTaskModel};
use mtnet_text::TextTokenizer;
use serde_json::Value;

use crate::ExportError;
use crate::hf::ClassifierNames;

/// The longest sequence where neither the folder nor the caller says otherwise, in tokens.
const DEFAULT_MAX_LENGTH: usize = 512;

/// How a published classifier is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// Name of the task it becomes.
    pub task: TaskName,
    /// Tokens that a text is cut or windowed to; else what the tokenizer was published with, at
    /// most what the encoder reads and 512.
    pub max_length: Option<usize>,
}

/// Reads a folder that transformers saved from a `…ForSequenceClassification`, a
/// `…ForTokenClassification` or a `…ForQuestionAnswering`.
///
/// # Errors
/// If it holds no such model, its family is not built here, or a file is missing or broken.
pub fn import_task(
    path: &Path,
    options: &ImportOptions,
    device: &Device,
) -> Result<ModelFolder, ExportError> {
    let published = PretrainedFolder::open(path)?;
    let config_path = path.join("config.json");
    let config = read_json(&config_path)?;
    let wrong = |problem: String, remedy: &str| ExportError::Folder {
        path: config_path.clone(),
        problem,
        remedy: remedy.to_owned(),
    };
    let EncoderSpec::Transformer(spec) = published.spec() else {
        return Err(wrong(
            "the encoder is MT-Net's own, which transformers does not save".to_owned(),
            "a model folder needs no import",
        ));
    };
    let names = ClassifierNames::of(spec).ok_or_else(|| {
        wrong(
            format!(
                "`{}` has no classifier in transformers",
                spec.family.model_type
            ),
            "a model folder needs no import",
        )
    })?;
    let architecture = config["architectures"][0].as_str().unwrap_or("none");
    let reads = [Reads::Sequences, Reads::Words, Reads::Passages]
        .into_iter()
        .find(|&reads| names.architecture(reads) == architecture)
        .ok_or_else(|| {
            wrong(
                format!(
                    "`architectures` names {architecture}, expected `{}`, `{}` or `{}`",
                    names.architecture(Reads::Sequences),
                    names.architecture(Reads::Words),
                    names.architecture(Reads::Passages)
                ),
                "a bare encoder is trained with `encoder.from`, not imported",
            )
        })?;
    let labels = match reads {
        Reads::Passages => Ok(SPAN_COLUMNS.map(str::to_owned).to_vec()),
        _ => labels(&config),
    };
    let labels = labels.map_err(|problem| {
        wrong(
            problem,
            "expected `id2label` with one name for each of 0, 1, 2, …",
        )
    })?;
    let (head, dense) = head(reads, &config, labels.len(), names.activation)
        .map_err(|problem| wrong(problem, "expected a classifier or a regression"))?;
    let task = TaskSpec::new(options.task.clone(), head, labels);

    let mut tensors = published.weights(published.spec(), device)?.tensors;
    let below = |part: &str| format!("heads.{}.{part}", task.name);
    let (hidden, columns) = (spec.hidden_size, task.labels.len());
    let mut parts = vec![(names.map(reads), String::new(), columns)];
    if dense {
        parts.push((names.dense, "dense.".to_owned(), hidden));
    }
    let wanted: BTreeMap<String, Vec<usize>> = parts
        .iter()
        .flat_map(|(name, _, rows)| {
            [
                (format!("{name}.weight"), vec![*rows, hidden]),
                (format!("{name}.bias"), vec![*rows]),
            ]
        })
        .collect();
    let found: BTreeMap<String, Tensor> = published.tensors(&wanted, device)?;
    for (name, ours, _) in &parts {
        // A constant for all rows of a passage changes no answer, and the head has none.
        let own: &[&str] = match reads {
            Reads::Passages => &["weight"],
            _ => &["weight", "bias"],
        };
        for part in own {
            let tensor = found[&format!("{name}.{part}")].clone();
            tensors.insert(below(&format!("{ours}{part}")), tensor);
        }
    }
    let parameters = ParamStore::new(RandomStream::new(0), device)
        .with_tensors(tensors)
        .strict();
    let encoder = build_encoder(published.spec(), parameters.builder())?;
    let registry = HeadRegistry::default();
    // Every family's classifier reads the first token.
    let model = MultiTaskModel::new(encoder, Pooling::First, vec![task], &registry, parameters)?;
    Ok(ModelFolder {
        model,
        tokenizer: TextTokenizer::from_file(&published.tokenizer_path()?)?,
        max_length: max_length(path, spec.max_length(), options.max_length)?,
    })
}

/// The names of the columns.
fn labels(config: &Value) -> Result<Vec<String>, String> {
    let Some(names) = config.get("id2label").and_then(Value::as_object) else {
        // Older files of two classes state nothing.
        let count = config
            .get("num_labels")
            .and_then(Value::as_u64)
            .unwrap_or(2);
        return Ok((0..count).map(|id| format!("LABEL_{id}")).collect());
    };
    (0..names.len())
        .map(|id| match names.get(&id.to_string()) {
            Some(Value::String(name)) => Ok(name.clone()),
            Some(other) => Err(format!("the label of {id} is {other}, expected text")),
            None => Err(format!(
                "`id2label` has {} labels but none for {id}",
                names.len()
            )),
        })
        .collect()
}

/// The head of a published classifier, and whether a dense layer stands before its map.
fn head(
    reads: Reads,
    config: &Value,
    columns: usize,
    activation: Activation,
) -> Result<(HeadConfig, bool), String> {
    if reads == Reads::Passages {
        let head = HeadConfig::QuestionAnswering(QuestionAnsweringConfig::default());
        return Ok((head, false));
    }
    if reads == Reads::Words {
        let head = HeadConfig::TokenClassification(TokenClassificationConfig::default());
        return Ok((head, false));
    }
    let dense = Some(activation);
    let problem = config.get("problem_type").and_then(Value::as_str);
    let head = match (problem, columns) {
        (Some("multi_label_classification"), _) => HeadConfig::MultiLabel(MultiLabelConfig {
            dense,
            ..MultiLabelConfig::default()
        }),
        (Some("regression"), _) | (None, 1) => HeadConfig::Regression(RegressionConfig {
            dense,
            ..RegressionConfig::default()
        }),
        (None | Some("single_label_classification"), _) => {
            HeadConfig::Classification(ClassificationConfig {
                dense,
                ..ClassificationConfig::default()
            })
        }
        (Some(other), _) => return Err(format!("`problem_type` is `{other}`")),
    };
    Ok((head, true))
}

fn max_length(path: &Path, longest: usize, given: Option<usize>) -> Result<usize, ExportError> {
    if let Some(length) = given {
        if length <= longest {
            return Ok(length);
        }
        return Err(ExportError::Options {
            problem: format!("max_length is {length}, and the encoder reads {longest} tokens"),
            remedy: "choose at most that",
        });
    }
    let file = path.join("tokenizer_config.json");
    let published = match file.is_file() {
        true => read_json(&file)?["model_max_length"].as_u64(),
        false => None,
    };
    // A tokenizer without a limit says so by a huge number.
    let published = published.map_or(usize::MAX, |length| length as usize);
    Ok(published.min(longest).min(DEFAULT_MAX_LENGTH))
}

fn read_json(path: &Path) -> Result<Value, ExportError> {
    let path: PathBuf = path.to_owned();
    let bytes = std::fs::read(&path).map_err(|source| ExportError::File {
        path: path.clone(),
        source,
    })?;
    serde_json::from_slice(&bytes).map_err(|error| ExportError::Folder {
        path,
        problem: error.to_string(),
        remedy: "expected a JSON file".to_owned(),
    })
}
