//! How the trained parameters divide: shared and heads', and the blocks of the shared ones.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use candle_core::Var;
use mtnet_balance::Granularity;
use mtnet_kernels::GradientLayout;
use mtnet_model::MultiTaskModel;

use crate::optimizer::HEAD_PREFIX;

/// Places of all trained parameters.
#[derive(Debug)]
pub(in crate::trainer) struct Layouts {
    /// The shared parameters, from the embeddings up.
    pub shared: Arc<GradientLayout>,
    /// The heads' parameters, task by task.
    pub heads: Arc<GradientLayout>,
    /// The heads' entries of each task.
    pub head_entries: Vec<Range<usize>>,
    /// Entries of each encoder layer, the embeddings first; what lies above the layers last.
    pub layers: Vec<(String, Range<usize>)>,
}

impl Layouts {
    pub fn new(model: &MultiTaskModel, variables: &BTreeMap<String, Var>) -> Self {
        let is_head = |name: &str| name.starts_with(HEAD_PREFIX);
        let of_heads = variables.iter().filter(|(name, _)| is_head(name));
        let heads = GradientLayout::new(of_heads.map(|(name, var)| (name.clone(), var.clone())));
        let encoder = model.encoder();
        let mut shared: Vec<(usize, &String, &Var)> = variables
            .iter()
            .filter(|(name, _)| !is_head(name))
            .map(|(name, var)| {
                let layer = encoder.layer_of(name).unwrap_or(encoder.layers() + 1);
                (layer, name, var)
            })
            .collect();
        shared.sort_by_key(|&(layer, name, _)| (layer, name));
        let mut layers: Vec<(String, Range<usize>)> = Vec::new();
        let mut last = None;
        for (index, &(layer, ..)) in shared.iter().enumerate() {
            if last == Some(layer) {
                if let Some((_, entries)) = layers.last_mut() {
                    entries.end = index + 1;
                }
            } else {
                let name = match layer {
                    0 => "embeddings".to_owned(),
                    layer if layer > encoder.layers() => "top".to_owned(),
                    layer => format!("layer{layer}"),
                };
                layers.push((name, index..index + 1));
                last = Some(layer);
            }
        }
        let head_entries = model.tasks().iter().map(|task| {
            let prefix = format!("{HEAD_PREFIX}{}.", task.spec.name);
            let names = || heads.entries().iter().map(|entry| entry.name.as_str());
            let start = names()
                .take_while(|name| !name.starts_with(&prefix))
                .count();
            let count = names().filter(|name| name.starts_with(&prefix)).count();
            start..start + count
        });
        Self {
            head_entries: head_entries.collect(),
            shared: Arc::new(GradientLayout::new(
                shared
                    .into_iter()
                    .map(|(_, name, var)| (name.clone(), var.clone())),
            )),
            heads: Arc::new(heads),
            layers,
        }
    }

    /// The layer of a shared parameter, or the head that a parameter belongs to, by name.
    pub fn layer_of(&self, name: &str) -> Option<String> {
        if let Some(rest) = name.strip_prefix(HEAD_PREFIX) {
            let task = rest.split_once('.').map_or(rest, |(task, _)| task);
            return Some(format!("{HEAD_PREFIX}{task}"));
        }
        let position = self.shared.position(name)?;
        let mut layers = self.layers.iter();
        let found = layers.find(|(_, entries)| entries.contains(&position));
        found.map(|(layer, _)| layer.clone())
    }

    /// Shared entries of each block that a method treats by itself; at least one block.
    pub fn blocks(&self, granularity: Granularity) -> Vec<Range<usize>> {
        let all = self.shared.entries().len();
        let blocks: Vec<Range<usize>> = match granularity {
            Granularity::Encoder => Vec::new(),
            Granularity::Layer => self
                .layers
                .iter()
                .map(|(_, entries)| entries.clone())
                .collect(),
            Granularity::Tensor => (0..all).map(|index| index..index + 1).collect(),
        };
        if blocks.is_empty() {
            return std::iter::once(0..all).collect();
        }
        blocks
    }
}
