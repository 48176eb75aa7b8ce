//! Which learning rate and weight decay each parameter gets, from its name.
//!
//! - Biases and the weights of norms are not decayed (the practice of BERT's published training
//!   code): the name's last part ends in `bias`, or the module that holds it is called a norm
//!   (`LayerNorm`, `attn_norm`, `input_layernorm` …).
//! - Parameters under `heads.` may have a learning rate of their own.
//! - Layer-wise decay (Howard and Ruder 2018, "discriminative fine-tuning", §3.1): an encoder
//!   layer learns at `learning_rate · decay^(layers - layer)`.
//! - Frozen parameters belong to no group and are not trained.

use std::collections::BTreeMap;

use candle_core::Var;

use super::OptimizerConfig;

/// What the names of task heads' parameters start with: `heads.<task>.…`.
pub const HEAD_PREFIX: &str = "heads.";

/// Parameters that share their rates.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterGroup {
    /// What logs call it: `encoder.decay`, `encoder.layer3.no_decay`, `heads.decay` …
    pub name: String,
    /// Peak learning rate; a step multiplies it by the schedule's factor.
    pub learning_rate: f64,
    /// Weight decay.
    pub weight_decay: f64,
}

/// A named variable and the group it belongs to.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The variable's name, which its gradient and its state go by.
    pub name: String,
    /// The variable that steps move.
    pub variable: Var,
    /// Its rates.
    pub group: ParameterGroup,
}

/// What the rules need to know of a model.
#[derive(Clone, Copy)]
pub struct GroupRules<'a> {
    /// The number of encoder layers above the embeddings.
    pub layers: usize,
    /// Where a parameter lies: 0 for embeddings, `1..=layers` for the layers from the bottom,
    /// `None` for what lies above them or beside them.
    pub layer_of: &'a dyn Fn(&str) -> Option<usize>,
    /// Which parameters are not trained.
    pub frozen: &'a dyn Fn(&str) -> bool,
}

impl Default for GroupRules<'_> {
    /// No layers, and nothing frozen.
    fn default() -> Self {
        Self {
            layers: 0,
            layer_of: &|_| None,
            frozen: &|_| false,
        }
    }
}

impl GroupRules<'_> {
    /// The variables that are trained, each with its group, in the order of names.
    pub fn assign(
        &self,
        config: &OptimizerConfig,
        variables: &BTreeMap<String, Var>,
    ) -> Vec<Parameter> {
        variables
            .iter()
            .filter_map(|(name, variable)| {
                Some(Parameter {
                    name: name.clone(),
                    variable: variable.clone(),
                    group: self.group(config, name)?,
                })
            })
            .collect()
    }

    /// The group of the parameter of that name, or `None` where it is frozen.
    pub fn group(&self, config: &OptimizerConfig, name: &str) -> Option<ParameterGroup> {
        if (self.frozen)(name) {
            return None;
        }
        let (part, learning_rate) = if name.starts_with(HEAD_PREFIX) {
            let rate = config.head_learning_rate.unwrap_or(config.learning_rate);
            ("heads".to_owned(), rate)
        } else {
            match config.layerwise_decay.zip((self.layer_of)(name)) {
                Some((decay, layer)) => {
                    let below_the_top = self.layers.saturating_sub(layer) as f64;
                    let rate = config.learning_rate * decay.powf(below_the_top);
                    (format!("encoder.layer{layer}"), rate)
                }
                None => ("encoder".to_owned(), config.learning_rate),
            }
        };
        let (suffix, weight_decay) = if is_decayed(name) {
            ("decay", config.weight_decay)
        } else {
            ("no_decay", 0.0)
        };
        Some(ParameterGroup {
            name: format!("{part}.{suffix}"),
            learning_rate,
            weight_decay,
        })
    }
}

fn is_decayed(name: &str) -> bool {
    // A task may be called `norm`: its name, the first part below `heads.`, is no module.
    let path = match name.strip_prefix(HEAD_PREFIX) {
        Some(below) => below.split_once('.').map_or(below, |(_, path)| path),
        None => name,
    };
    let mut parts = path.rsplit('.');
    let leaf = parts.next().unwrap_or_default();
    let module = parts.next().unwrap_or_default();
    !leaf.ends_with("bias") && !module.to_ascii_lowercase().contains("norm")
}
