//! When a question has no answer: thresholds fitted on the development data with the selected weights.

use mtnet_core::Split;
use mtnet_encoders::build_encoder;
use mtnet_heads::{Answer, HeadConfig, fit_null_threshold};
use mtnet_model::{ModelFolder, MultiTaskModel};

use super::evaluate::Answers;
use super::{Prepared, TrainError};

impl Prepared {
    /// The model with the thresholds of tasks whose development data holds questions without an
    /// answer, over the same parameters; `None` where no task has such.
    pub(super) fn with_thresholds(
        &self,
        batch_tokens: usize,
    ) -> Result<Option<ModelFolder>, TrainError> {
        let model = &self.folder.model;
        let mut specs: Vec<_> = model.tasks().iter().map(|task| task.spec.clone()).collect();
        let open = |head: &HeadConfig| matches!(head, HeadConfig::QuestionAnswering(config) if config.null_threshold.is_none());
        if !specs.iter().any(|spec| open(&spec.head)) {
            return Ok(None);
        }
        let corpus = self.corpus(Split::Dev);
        let found = Answers::collect(model, corpus, batch_tokens)?;
        let mut fitted = false;
        for (index, spec) in specs.iter_mut().enumerate() {
            let HeadConfig::QuestionAnswering(config) = &mut spec.head else {
                continue;
            };
            if config.null_threshold.is_some() {
                continue;
            }
            let of_task = found.of_task(index, &spec.name, corpus);
            let targets: Vec<_> = of_task.iter().map(|(_, _, target)| *target).collect();
            let answers: Vec<Answer> = of_task.into_iter().map(|(_, answer, _)| answer).collect();
            let threshold = fit_null_threshold(config, &answers, &targets);
            config.null_threshold = threshold.map_err(TrainError::head(&spec.name))?;
            fitted |= config.null_threshold.is_some();
        }
        if !fitted {
            return Ok(None);
        }
        let parameters = model.parameters().clone();
        let encoder = build_encoder(&self.parts.spec, parameters.builder())?;
        let pooling = model.pooling();
        let mut again = MultiTaskModel::new(encoder, pooling, specs, &self.registry, parameters)?;
        again.set_precision(model.precision())?;
        Ok(Some(ModelFolder {
            model: again,
            tokenizer: self.folder.tokenizer.clone(),
            max_length: self.folder.max_length,
        }))
    }
}
