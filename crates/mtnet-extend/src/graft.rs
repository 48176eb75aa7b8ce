//! One model of what was trained and what was kept.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use mtnet_core::RandomStream;
use mtnet_encoders::build_encoder;
use mtnet_heads::{HeadRegistry, TaskSpec};
use mtnet_kernels::ParamStore;
use mtnet_model::{ModelFolder, MultiTaskModel};

use crate::ExtendError;
use crate::trained::{TrainedModel, encoder_spec};

/// The trained encoder with the heads that were trained, and the old heads that were not, as they
/// were. Old tasks come first, in their order.
///
/// What was trained brings its calibration along. An old head keeps its own where the encoder is
/// still the one that it was fitted with, and loses it where that has learned.
pub(crate) fn graft(
    old: &TrainedModel,
    trained: &TrainedModel,
    encoder_is_kept: bool,
    registry: &HeadRegistry,
) -> Result<ModelFolder, ExtendError> {
    let mut specs: Vec<TaskSpec> = Vec::new();
    let mut tensors: BTreeMap<String, Tensor> = values(&trained.folder, |_| true);
    for spec in old.specs() {
        match trained.spec_of(&spec.name) {
            Some(replayed) => specs.push(replayed.clone()),
            None => {
                let prefix = format!("heads.{}.", spec.name);
                tensors.extend(values(&old.folder, |name| name.starts_with(&prefix)));
                specs.push(spec.clone());
            }
        }
    }
    let added = trained
        .specs()
        .filter(|spec| old.spec_of(&spec.name).is_none());
    specs.extend(added.cloned());

    let encoder = encoder_spec(&trained.folder, &trained.path)?;
    let parameters = ParamStore::new(RandomStream::new(0), &Device::Cpu)
        .with_tensors(tensors)
        .strict()
        .freeze(|_| true);
    let encoder = build_encoder(&encoder, parameters.builder())?;
    let pooling = trained.folder.model.pooling();
    let model = MultiTaskModel::new(encoder, pooling, specs, registry, parameters)?;
    for task in model.tasks() {
        let name = &task.spec.name;
        let source = match trained.spec_of(name) {
            Some(_) => &trained.folder.model,
            None if encoder_is_kept => &old.folder.model,
            None => continue,
        };
        let source = &source.tasks()[source.task_index(name)?];
        if let Some(calibration) = source.calibration() {
            task.calibrate(*calibration)?;
        }
    }
    Ok(ModelFolder {
        model,
        tokenizer: trained.folder.tokenizer.clone(),
        max_length: trained.folder.max_length,
    })
}

fn values(folder: &ModelFolder, is_wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Tensor> {
    let all = folder.model.parameters().vars().into_iter();
    all.filter(|(name, _)| is_wanted(name))
        .map(|(name, var)| (name, var.as_detached_tensor()))
        .collect()
}
