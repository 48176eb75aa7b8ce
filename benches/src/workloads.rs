//! What is measured: an encoder of a published size with random weights.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::{Device, Var};
use mtnet_core::{PackedBatch, RandomStream};
use mtnet_encoders::{EncoderInput, EncoderSpec, build_encoder};
use mtnet_kernels::{Mode, ParamStore};
use mtnet_train::optimizer::{Gradients, GroupRules, Optimizer, OptimizerConfig};

use crate::inputs::text_like;

/// An encoder's size, and whether it is trained or only asked.
pub struct Workload {
    name: &'static str,
    hidden: usize,
    layers: usize,
    vocabulary: u32,
    train: bool,
    batch: PackedBatch,
}

/// All workloads by name.
pub fn all() -> Vec<Workload> {
    let of = |name, hidden, layers, vocabulary, train| Workload {
        name,
        hidden,
        layers,
        vocabulary,
        train,
        batch: text_like(32, vocabulary),
    };
    vec![
        of("mini-128x2/train", 128, 2, 8_000, true),
        of("mini-128x2/forward", 128, 2, 8_000, false),
        of("minilm-384x6/train", 384, 6, 30_522, true),
        of("minilm-384x6/forward", 384, 6, 30_522, false),
    ]
}

impl Workload {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Tokens of one run.
    pub fn tokens(&self) -> usize {
        self.batch.tokens()
    }

    /// Seconds of each counted run.
    pub fn measure(&self, runs: usize) -> Result<Vec<f64>> {
        let config = serde_json::json!({
            "model_type": "bert", "vocab_size": self.vocabulary, "hidden_size": self.hidden,
            "num_hidden_layers": self.layers, "num_attention_heads": self.hidden / 32,
            "intermediate_size": 4 * self.hidden, "max_position_embeddings": 512
        });
        let store = ParamStore::new(RandomStream::new(1), &Device::Cpu);
        let store = if self.train {
            store
        } else {
            store.freeze(|_| true)
        };
        let encoder = build_encoder(&EncoderSpec::from_config_json(&config)?, store.builder())?;
        let variables: BTreeMap<String, Var> = store.vars().into_iter().collect();
        let settings = OptimizerConfig::default();
        let mut optimizer = Optimizer::new(
            &settings,
            GroupRules::default().assign(&settings, &variables),
        )?;
        let mut seconds = Vec::with_capacity(runs);
        for run in 0..=runs {
            let begun = Instant::now();
            let input = EncoderInput::from_batch(&self.batch, &Device::Cpu)?;
            if self.train {
                let mode = Mode::Train(RandomStream::new(run as u64));
                let hidden = encoder.forward(&input, &mode)?;
                let mut gradients = hidden.sqr()?.mean_all()?.backward()?;
                let gradients = Gradients::take_from(&mut gradients, &variables)?;
                optimizer.step(&gradients, 1.0).context("optimizer step")?;
            } else {
                encoder.forward(&input, &Mode::Eval)?;
            }
            if run > 0 {
                seconds.push(begun.elapsed().as_secs_f64());
            }
        }
        Ok(seconds)
    }
}
