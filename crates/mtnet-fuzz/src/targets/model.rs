//! Files of model folders and checkpoints, each damaged beside its whole neighbours.

use std::path::PathBuf;

use candle_core::Device;
use mtnet_encoders::EncoderSpec;
use mtnet_heads::HeadRegistry;
use mtnet_model::ModelFolder;
use mtnet_train::checkpoint::{LocalFiles, Verification, verify};

use super::{Outcome, Target, scratch, told, write};

pub(super) const WEIGHTS: Target = Target {
    name: "model-weights",
    dictionary: &[
        "\"F32\"",
        "\"I64\"",
        "\"data_offsets\":[0,0]",
        "\"shape\":[]",
        "\"shape\":[4294967296,4294967296]",
        "__metadata__",
    ],
    run: weights,
};

pub(super) const CONFIG: Target = Target {
    name: "model-config",
    dictionary: &[
        "null",
        "\"bert\"",
        "\"hidden_size\":131072",
        "-1",
        "[]",
        "{}",
    ],
    run: config,
};

pub(super) const TASKS: Target = Target {
    name: "model-tasks",
    dictionary: &[
        "null",
        "\"labels\":[]",
        "\"crf\"",
        "\"format_version\":2",
        "[]",
        "{}",
    ],
    run: tasks,
};

pub(super) const ENCODER: Target = Target {
    name: "encoder-config",
    dictionary: &[
        "null",
        "\"bert\"",
        "\"roberta\"",
        "\"hidden_act\"",
        "0",
        "-1",
        "1e9",
    ],
    run: encoder,
};

pub(super) const MANIFEST: Target = Target {
    name: "manifest",
    dictionary: &[
        "\"format_version\": 9",
        "\"../x\"",
        "\"bytes\": 18446744073709551615",
        "[]",
    ],
    run: manifest,
};

fn weights(bytes: &[u8]) -> Outcome {
    open("model.safetensors", bytes)
}

fn config(bytes: &[u8]) -> Outcome {
    open("config.json", bytes)
}

fn tasks(bytes: &[u8]) -> Outcome {
    open("tasks.json", bytes)
}

/// Opens a model folder in which one file is `bytes`.
fn open(name: &str, bytes: &[u8]) -> Outcome {
    let folder = whole_folder();
    write(&folder.join(name), bytes);
    let outcome = match ModelFolder::open(&folder, &HeadRegistry::default(), &Device::Cpu) {
        Ok(_) => Outcome::Read,
        Err(error) => {
            let message = told(&error);
            Outcome::Refused {
                // A size in one file that the other does not have may be told of either, and a
                // head's settings are named by their task.
                placed: message.contains(&folder.display().to_string())
                    || message.contains("task `"),
                message,
            }
        }
    };
    let whole = crate::corpus(target_of(name)).swap_remove(0);
    write(&folder.join(name), &whole);
    outcome
}

const FILES: [&str; 4] = [
    "config.json",
    "model.safetensors",
    "tasks.json",
    "tokenizer.json",
];

fn target_of(name: &str) -> &'static str {
    match name {
        "config.json" => "model-config",
        "model.safetensors" => "model-weights",
        "tasks.json" => "model-tasks",
        _ => "tokenizer",
    }
}

/// A folder of the first seeds, which belong together.
fn whole_folder() -> PathBuf {
    let folder = scratch().join("model");
    if !folder.is_dir() {
        std::fs::create_dir(&folder).expect("a folder");
        for name in FILES {
            let seed = crate::corpus(target_of(name)).swap_remove(0);
            write(&folder.join(name), &seed);
        }
    }
    folder
}

fn encoder(bytes: &[u8]) -> Outcome {
    let refused = |message: String| Outcome::Refused {
        placed: true,
        message,
    };
    let config = match serde_json::from_slice(bytes) {
        Ok(config) => config,
        Err(error) => return refused(error.to_string()),
    };
    let spec = match EncoderSpec::from_config_json(&config) {
        Ok(spec) => spec,
        Err(error) => return refused(told(&error)),
    };
    match spec.parameters() {
        Ok(_) => Outcome::Read,
        Err(error) => refused(told(&error)),
    }
}

fn manifest(bytes: &[u8]) -> Outcome {
    let folder = scratch().join("checkpoint-8");
    std::fs::create_dir_all(&folder).expect("a folder");
    write(&folder.join("MANIFEST.json"), bytes);
    match verify(&LocalFiles, &folder, Verification::Hashes) {
        Ok(_) => Outcome::Read,
        Err(error) => {
            let message = told(&error);
            Outcome::Refused {
                placed: message.contains("checkpoint-8"),
                message,
            }
        }
    }
}
