//! Which type of head is built by what.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use candle_nn::VarBuilder;
use mtnet_core::{TargetKind, nearest};

use crate::config::BUILT_IN;
use crate::{
    ClassificationHead, CustomHead, HeadConfig, HeadError, MultiLabelHead, QuestionAnsweringHead,
    RegressionHead, TaskHead, TaskSpec, TokenClassificationHead,
};

/// Makes a head for a task from its settings: `(task, settings, hidden size, where its parameters go)`.
pub type HeadBuilder = dyn Fn(&TaskSpec, &CustomHead, usize, VarBuilder) -> Result<Box<dyn TaskHead>, HeadError>
    + Send
    + Sync;

/// The built-in heads and those a program has added.
#[derive(Clone, Default)]
pub struct HeadRegistry {
    custom: BTreeMap<String, (TargetKind, Arc<HeadBuilder>)>,
}

impl HeadRegistry {
    /// Adds a type of head that learns from targets of that kind, or replaces the one added under
    /// that name. Run files and model folders can name it from then on.
    pub fn register(
        &mut self,
        kind: impl Into<String>,
        targets: TargetKind,
        builder: impl Fn(
            &TaskSpec,
            &CustomHead,
            usize,
            VarBuilder,
        ) -> Result<Box<dyn TaskHead>, HeadError>
        + Send
        + Sync
        + 'static,
    ) {
        self.custom
            .insert(kind.into(), (targets, Arc::new(builder)));
    }

    /// Makes the head of a task over encoder rows `(rows, hidden)`, its parameters under `vb`.
    ///
    /// # Errors
    /// If nobody registered its type, its settings are wrong, or a checkpoint behind `vb` does
    /// not fit.
    pub fn build(
        &self,
        spec: &TaskSpec,
        hidden: usize,
        vb: VarBuilder,
    ) -> Result<Box<dyn TaskHead>, HeadError> {
        Ok(match &spec.head {
            HeadConfig::Classification(config) => {
                Box::new(ClassificationHead::new(spec, config, hidden, &vb)?)
            }
            HeadConfig::MultiLabel(config) => {
                Box::new(MultiLabelHead::new(spec, config, hidden, &vb)?)
            }
            HeadConfig::QuestionAnswering(config) => {
                Box::new(QuestionAnsweringHead::new(spec, config, hidden, &vb)?)
            }
            HeadConfig::Regression(config) => {
                Box::new(RegressionHead::new(spec, config, hidden, &vb)?)
            }
            HeadConfig::TokenClassification(config) => {
                Box::new(TokenClassificationHead::new(spec, config, hidden, &vb)?)
            }
            HeadConfig::Custom(custom) => {
                let (_, builder) = self.find(custom)?;
                builder(spec, custom, hidden, vb)?
            }
        })
    }

    /// Which form of target a head of that type learns from.
    ///
    /// # Errors
    /// If nobody registered its type; names the nearest known one.
    pub fn target_kind(&self, head: &HeadConfig) -> Result<TargetKind, HeadError> {
        Ok(match head {
            HeadConfig::Classification(_) => TargetKind::Label,
            HeadConfig::MultiLabel(_) => TargetKind::Labels,
            HeadConfig::QuestionAnswering(_) => TargetKind::Spans,
            HeadConfig::Regression(_) => TargetKind::Numbers,
            HeadConfig::TokenClassification(_) => TargetKind::Tags,
            HeadConfig::Custom(custom) => self.find(custom)?.0,
        })
    }

    /// Whether a head of that type can be built.
    ///
    /// # Errors
    /// If nobody registered its type; names the nearest known one.
    pub fn check(&self, head: &HeadConfig) -> Result<(), HeadError> {
        self.target_kind(head).map(|_| ())
    }

    fn find(&self, custom: &CustomHead) -> Result<&(TargetKind, Arc<HeadBuilder>), HeadError> {
        self.custom
            .get(&custom.kind)
            .ok_or_else(|| self.unknown(&custom.kind))
    }

    fn unknown(&self, found: &str) -> HeadError {
        let known: Vec<&str> = BUILT_IN
            .into_iter()
            .chain(self.custom.keys().map(String::as_str))
            .collect();
        HeadError::UnknownKind {
            found: found.to_owned(),
            nearest: nearest(found, known.iter().copied()).map(str::to_owned),
            known: known.join(", "),
        }
    }
}

impl fmt::Debug for HeadRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(BUILT_IN)
            .entries(self.custom.keys())
            .finish()
    }
}
