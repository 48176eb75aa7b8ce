//! Model folders to serve, and texts to ask about.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use candle_core::Device;
use mtnet_core::{RandomStream, TaskName};
use mtnet_encoders::{EncoderSpec, build_encoder};
use mtnet_heads::{HeadRegistry, TaskSpec};
use mtnet_kernels::{ParamStore, Pooling};
use mtnet_model::{ModelFolder, MultiTaskModel, Predictor};
use mtnet_text::{WordPieceConfig, train_wordpiece};
use serde_json::Value;

/// Texts of the quick start's test data: 1,598 of topics and opinions.
pub fn texts() -> Result<Vec<String>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/quickstart");
    let mut texts = Vec::new();
    for task in ["topic", "sentiment"] {
        let path = data.join(task).join("test.tsv");
        let file = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let lines = file
            .lines()
            .skip(1)
            .filter_map(|line| line.split('\t').next());
        texts.extend(lines.filter(|text| !text.is_empty()).map(str::to_owned));
    }
    Ok(texts)
}

/// Writes a model of MiniLM's sizes (384 × 6) with random weights and four heads.
pub fn random(folder: &Path, texts: &[String]) -> Result<()> {
    let vocabulary = WordPieceConfig {
        vocab_size: 8_000,
        ..WordPieceConfig::default()
    };
    let tokenizer = train_wordpiece(texts.iter().map(String::as_str), &vocabulary, &[])?;
    let config = serde_json::json!({
        "model_type": "bert", "vocab_size": tokenizer.vocab_size(), "hidden_size": 384,
        "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536,
        "max_position_embeddings": 512
    });
    let store = ParamStore::new(RandomStream::new(1), &Device::Cpu);
    let encoder = build_encoder(&EncoderSpec::from_config_json(&config)?, store.builder())?;
    let labels = |count: usize| (0..count).map(|label| format!("label{label}"));
    let bio = std::iter::once("O".to_owned())
        .chain((0..20).flat_map(|kind| [format!("B-kind{kind}"), format!("I-kind{kind}")]));
    let spec = |name: &str, head: &str, labels: Vec<String>| -> Result<TaskSpec> {
        Ok(TaskSpec::new(TaskName::new(name)?, head.parse()?, labels))
    };
    let specs = vec![
        spec("topic", "classification", labels(10).collect())?,
        spec("slots", "token-classification", bio.collect())?,
        spec("sentiment", "classification", labels(2).collect())?,
        spec("banking", "multi-label", labels(48).collect())?,
    ];
    let model = MultiTaskModel::new(
        encoder,
        Pooling::Mean,
        specs,
        &HeadRegistry::default(),
        store,
    )?;
    let folder_of = ModelFolder {
        model,
        tokenizer,
        max_length: 128,
    };
    Ok(folder_of.save(folder)?)
}

/// The names of a folder's tasks.
pub fn tasks(folder: &Path) -> Result<Vec<String>> {
    let tasks: Value = serde_json::from_slice(&fs::read(folder.join("tasks.json"))?)?;
    let list = tasks["tasks"]
        .as_array()
        .context("tasks.json has no tasks")?;
    let names = list.iter().filter_map(|task| task["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}

/// Writes a copy of a folder that holds one of its tasks alone.
pub fn alone(folder: &Path, task: &str, copy: &Path) -> Result<PathBuf> {
    fs::create_dir_all(copy)?;
    for name in ["config.json", "tokenizer.json"] {
        fs::copy(folder.join(name), copy.join(name))?;
    }
    let mut tasks: Value = serde_json::from_slice(&fs::read(folder.join("tasks.json"))?)?;
    if let Some(list) = tasks["tasks"].as_array_mut() {
        list.retain(|other| other["name"] == task);
    }
    fs::write(copy.join("tasks.json"), tasks.to_string())?;
    let weights = "model.safetensors";
    let mut tensors = candle_core::safetensors::load(folder.join(weights), &Device::Cpu)?;
    let own = format!("heads.{task}.");
    tensors.retain(|name, _| !name.starts_with("heads.") || name.starts_with(&own));
    candle_core::safetensors::save(&tensors, copy.join(weights))?;
    Ok(copy.to_owned())
}

/// Opens a folder.
pub fn open(folder: &Path) -> Result<Predictor> {
    let predictor = Predictor::open(folder, &Device::Cpu)
        .with_context(|| format!("model folder {}", folder.display()))?;
    Ok(predictor.with_batch_tokens(usize::MAX))
}
