//! How an encoder from scratch begins.
//!
//! Linear maps take the method of the run file. Tables of embeddings have no fan to speak of: they
//! stay normal, cut at two deviations under `truncated-normal`. With `residual_scaled_init` the
//! maps that end a residual branch are divided by `√(branches)`, of which a transformer has two a
//! layer (Radford et al. 2019, §2.3): what `L` branches add to a row then has the variance of one.

use mtnet_kernels::Initialiser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EncoderConfig, EncoderSpec};

/// How the linear maps of a new encoder are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InitMethod {
    /// As the encoder's kind has it: normal of deviation 0.02 for a transformer, He's for MT-Net.
    #[default]
    FromConfig,
    /// Normal, cut at two deviations.
    TruncatedNormal,
    /// Xavier's, uniform (Glorot and Bengio 2010).
    XavierUniform,
    /// Xavier's, normal.
    XavierNormal,
    /// He's, uniform (He et al. 2015).
    HeUniform,
    /// He's, normal.
    HeNormal,
    /// Orthogonal (Saxe et al. 2014).
    Orthogonal,
}

impl InitMethod {
    /// The name in a run file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FromConfig => "from-config",
            Self::TruncatedNormal => "truncated-normal",
            Self::XavierUniform => "xavier-uniform",
            Self::XavierNormal => "xavier-normal",
            Self::HeUniform => "he-uniform",
            Self::HeNormal => "he-normal",
            Self::Orthogonal => "orthogonal",
        }
    }
}

impl EncoderConfig {
    /// How a new matrix of the encoder begins, where the table says so: for
    /// [`ParamStore::initialise`](mtnet_kernels::ParamStore::initialise).
    pub fn initialiser(&self, spec: &EncoderSpec, name: &str) -> Option<Initialiser> {
        if self.init.is_none() && self.init_std.is_none() && !self.residual_scaled_init {
            return None;
        }
        let layer = spec.layer_of(name)?;
        let (std, ends_branch, branches) = match spec {
            EncoderSpec::Transformer(spec) => {
                let names = &spec.family.names;
                let ends = |map: &str| name.ends_with(&format!(".{map}.weight"));
                let ends_branch = layer > 0 && (ends(names.attention_output) || ends(names.output));
                (spec.initializer_range, ends_branch, 2 * spec.num_layers)
            }
            EncoderSpec::MtNet(config) => {
                let keeps_width = layer > 1 || config.embedding_size == config.hidden_size;
                let ends_branch = layer > 0 && keeps_width;
                (config.initializer_range, ends_branch, config.layers())
            }
        };
        let std = self.init_std.unwrap_or(std);
        let method = self.init.unwrap_or_default();
        if name.contains("_embeddings.") {
            return Some(match method {
                InitMethod::TruncatedNormal => Initialiser::TruncatedNormal { std },
                _ => Initialiser::Normal { std },
            });
        }
        let initialiser = linear(method, spec, std);
        Some(match self.residual_scaled_init && ends_branch {
            true => initialiser.scaled((branches.max(1) as f64).sqrt().recip()),
            false => initialiser,
        })
    }
}

fn linear(method: InitMethod, spec: &EncoderSpec, std: f64) -> Initialiser {
    let gain = 1.0;
    let uniform = matches!(method, InitMethod::XavierUniform | InitMethod::HeUniform);
    match (method, spec) {
        (InitMethod::FromConfig, EncoderSpec::Transformer(_)) => Initialiser::Normal { std },
        (InitMethod::TruncatedNormal, _) => Initialiser::TruncatedNormal { std },
        (InitMethod::XavierUniform | InitMethod::XavierNormal, _) => {
            Initialiser::Xavier { uniform, gain }
        }
        (InitMethod::Orthogonal, _) => Initialiser::Orthogonal { gain },
        _ => Initialiser::He { uniform, gain },
    }
}
