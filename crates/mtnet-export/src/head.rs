//! A built-in head as the numbers it is made of.

use mtnet_heads::{HeadConfig, Reads, TaskSpec};
use mtnet_kernels::Activation;

use crate::ExportError;
use crate::weights::{Weight, Weights};

/// A head's parameters: `act(rows · Wdᵀ + bd) · Wᵀ + b`.
#[derive(Clone, Debug)]
pub(crate) struct HeadForm {
    /// Which rows it reads.
    pub reads: Reads,
    /// The layer before the classifier: activation, weight `(hidden, hidden)`, bias.
    pub dense: Option<(Activation, Weight, Weight)>,
    /// The classifier `(columns, hidden)`; a regression's gives numbers in the unit of its data.
    pub weight: Weight,
    /// Its bias `(columns)`.
    pub bias: Weight,
}

/// Reads the head of a task.
pub(crate) fn head_form(weights: &Weights, spec: &TaskSpec) -> Result<HeadForm, ExportError> {
    let name = |part: &str| format!("heads.{}.{part}", spec.name);
    let (reads, dense) = match &spec.head {
        HeadConfig::Classification(config) => (Reads::Sequences, config.dense),
        HeadConfig::MultiLabel(config) => (Reads::Sequences, config.dense),
        HeadConfig::Regression(config) => (Reads::Sequences, config.dense),
        HeadConfig::TokenClassification(_) => (Reads::Words, None),
        HeadConfig::QuestionAnswering(_) => (Reads::Passages, None),
        HeadConfig::Custom(custom) => {
            return Err(ExportError::NoCounterpart {
                what: format!("the head `{}` of task `{}`", custom.kind, spec.name),
                program: "another program",
                reason: "it is a program's own, whose computation the exporter does not know"
                    .to_owned(),
                remedy: "export the other tasks by name, or the encoder alone".to_owned(),
            });
        }
    };
    let dense = match dense {
        None => None,
        Some(activation) => Some((
            activation,
            weights.get(&name("dense.weight"))?,
            weights.get(&name("dense.bias"))?,
        )),
    };
    let mut form = HeadForm {
        reads,
        dense,
        weight: weights.get(&name("weight"))?,
        bias: match reads {
            // A constant for all rows, which published classes have room for.
            Reads::Passages => Weight::zeros(vec![spec.labels.len()]),
            _ => weights.get(&name("bias"))?,
        },
    };
    if let HeadConfig::Regression(config) = &spec.head {
        form.restore_unit(config.scale.as_deref(), config.shift.as_deref());
    }
    Ok(form)
}

impl HeadForm {
    /// Folds a regression's scale and shift into its map.
    fn restore_unit(&mut self, scale: Option<&[f64]>, shift: Option<&[f64]>) {
        let width = self.weight.shape[1];
        for (column, bias) in self.bias.values.iter_mut().enumerate() {
            let scale = scale.map_or(1.0, |scale| scale[column]);
            let shift = shift.map_or(0.0, |shift| shift[column]);
            for weight in &mut self.weight.values[column * width..(column + 1) * width] {
                *weight = (f64::from(*weight) * scale) as f32;
            }
            *bias = (f64::from(*bias) * scale + shift) as f32;
        }
    }
}
