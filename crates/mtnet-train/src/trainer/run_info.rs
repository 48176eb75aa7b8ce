//! `run.json`: what a run was made with, so that it can be made again.

use std::collections::BTreeMap;

use mtnet_kernels::{Precision, isa};
use serde::{Deserialize, Serialize};

use super::Prepared;
use crate::run_file::RunFile;

/// Versions, seed, machine and data of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Version of MT-Net.
    pub mtnet_version: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// Device as the run file names it.
    pub device: String,
    /// Operating system and processor architecture.
    pub platform: String,
    /// Vector instructions in use.
    pub isa: String,
    /// Numbers that the encoder's products take.
    #[serde(default)]
    pub precision: Precision,
    /// Threads in use. Results do not depend on them.
    pub threads: usize,
    /// Numbers in all parameters.
    pub parameters: u64,
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// SHA-256 of each data file by path.
    pub data: BTreeMap<String, String>,
    /// SHA-256 of the tokenizer.
    pub tokenizer: String,
}

impl RunInfo {
    /// Of a prepared run.
    pub fn new(run: &RunFile, prepared: &Prepared) -> Self {
        let files = prepared
            .summaries
            .iter()
            .flat_map(|summary| &summary.report().files);
        Self {
            mtnet_version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: run.config.run.seed,
            device: run.config.run.device.clone(),
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            isa: isa().as_str().to_owned(),
            precision: prepared.folder.model.precision(),
            threads: rayon::current_num_threads(),
            parameters: prepared.folder.model.parameters().count() as u64,
            vocab_size: prepared.folder.tokenizer.vocab_size(),
            data: files
                .map(|file| (file.path.display().to_string(), file.sha256.clone()))
                .collect(),
            tokenizer: prepared.folder.tokenizer.content_hash().to_owned(),
        }
    }
}
