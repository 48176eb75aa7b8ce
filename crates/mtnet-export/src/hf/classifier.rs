//! A head as the published classifier of its encoder's family.
//!
//! A classifier for texts is, in every family, `act(first · Wdᵀ + bd) · Wᵀ + b` with an activation
//! of the family's own; one for tokens, or for spans, is an affine map. A head with such a dense layer is that
//! classifier. A head without one goes through an activation that must not change its rows:
//!
//! - `tanh(εx) / ε = x (1 − (εx)²/3 + …)`: with ε = 2⁻¹³ the relative change is `5·10⁻⁹ x²`;
//! - `2 gelu(εx) / ε = x (1 + 0.8 εx + …)`: with ε = 2⁻²⁴ it is `5·10⁻⁸ |x|`;
//! - `relu(x + c) − c = x` for `c ≥ |x|`. The rows leave a layer normalisation, so that
//!   `|x| ≤ |γ| √(hidden − 1) + |β|`, and that is `c`.
//!
//! Factors are powers of two, which cost no precision. In 16-bit floats they do not fit.

use mtnet_encoders::TransformerSpec;
use mtnet_heads::{HeadConfig, Reads, TaskSpec};
use mtnet_kernels::{Activation, Pooling};

use crate::ExportError;
use crate::head::{HeadForm, head_form};
use crate::weights::{Weight, Weights};

/// What transformers calls the parts of a family's classifiers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClassifierNames {
    /// `model_type` of the family.
    model_type: &'static str,
    /// What its classes begin with.
    class: &'static str,
    /// What stands before the encoder's tensors, without its point.
    pub prefix: &'static str,
    /// The dense layer of the classifier for texts.
    pub dense: &'static str,
    /// The affine map of the classifier for texts.
    pub text: &'static str,
    /// Activation of the dense layer.
    pub activation: Activation,
}

/// The affine map of every family's classifier for tokens.
const TOKEN_CLASSIFIER: &str = "classifier";

/// The affine map of every family's class for answers to questions.
const QUESTION_ANSWERING: &str = "qa_outputs";

const NAMES: [ClassifierNames; 5] = [
    ClassifierNames {
        model_type: "bert",
        class: "Bert",
        prefix: "bert",
        dense: "bert.pooler.dense",
        text: "classifier",
        activation: Activation::Tanh,
    },
    ClassifierNames {
        model_type: "roberta",
        class: "Roberta",
        prefix: "roberta",
        dense: "classifier.dense",
        text: "classifier.out_proj",
        activation: Activation::Tanh,
    },
    ClassifierNames {
        model_type: "xlm-roberta",
        class: "XLMRoberta",
        prefix: "roberta",
        dense: "classifier.dense",
        text: "classifier.out_proj",
        activation: Activation::Tanh,
    },
    ClassifierNames {
        model_type: "electra",
        class: "Electra",
        prefix: "electra",
        dense: "classifier.dense",
        text: "classifier.out_proj",
        activation: Activation::Gelu,
    },
    ClassifierNames {
        model_type: "distilbert",
        class: "DistilBert",
        prefix: "distilbert",
        dense: "pre_classifier",
        text: "classifier",
        activation: Activation::Relu,
    },
];

impl ClassifierNames {
    /// The names of a family.
    pub(crate) fn of(spec: &TransformerSpec) -> Option<&'static Self> {
        NAMES
            .iter()
            .find(|names| names.model_type == spec.family.model_type)
    }

    /// The class for a head that reads such rows.
    pub(crate) fn architecture(&self, reads: Reads) -> String {
        let kind = match reads {
            Reads::Sequences => "SequenceClassification",
            Reads::Words => "TokenClassification",
            Reads::Passages => "QuestionAnswering",
        };
        format!("{}For{kind}", self.class)
    }

    /// The affine map of the class for a head that reads such rows.
    pub(crate) fn map(&self, reads: Reads) -> &'static str {
        match reads {
            Reads::Sequences => self.text,
            Reads::Words => TOKEN_CLASSIFIER,
            Reads::Passages => QUESTION_ANSWERING,
        }
    }
}

/// The tensors of a task's classifier by their published names.
pub(super) fn classifier(
    weights: &Weights,
    spec: &TransformerSpec,
    pooling: Pooling,
    names: &ClassifierNames,
    task: &TaskSpec,
) -> Result<(Reads, Vec<(String, Weight)>), ExportError> {
    let mut form = head_form(weights, task)?;
    if form.reads != Reads::Sequences {
        let map = names.map(form.reads);
        return Ok((form.reads, affine(map, form.weight, form.bias)));
    }
    if pooling != Pooling::First {
        return Err(refuse(
            task,
            names,
            "it reads the pooled rows of all tokens, and the first row alone is read by",
            "train with `encoder.pooling = \"first\"`, or export ONNX or the encoder alone",
        ));
    }
    let (dense, bias) = match form.dense.take() {
        Some((activation, dense, bias)) if activation == names.activation => (dense, bias),
        Some(_) => {
            return Err(refuse(
                task,
                names,
                "its dense layer has another activation than",
                "export ONNX",
            ));
        }
        None => unchanging(weights, spec, names, &mut form)?,
    };
    let mut tensors = affine(names.dense, dense, bias);
    tensors.extend(affine(names.text, form.weight, form.bias));
    Ok((Reads::Sequences, tensors))
}

/// A dense layer that leaves the rows as they are once the classifier is changed with it.
fn unchanging(
    weights: &Weights,
    spec: &TransformerSpec,
    names: &ClassifierNames,
    form: &mut HeadForm,
) -> Result<(Weight, Weight), ExportError> {
    let hidden = spec.hidden_size;
    // What the rows are multiplied with, and what the classifier must be.
    let (factor, back) = match names.activation {
        Activation::Tanh => (2f32.powi(-13), 2f32.powi(13)),
        Activation::Gelu => (2f32.powi(-24), 2f32.powi(25)),
        _ => (1.0, 1.0),
    };
    form.weight
        .values
        .iter_mut()
        .for_each(|value| *value *= back);
    let mut shift = Weight::zeros(vec![hidden]);
    if names.activation == Activation::Relu {
        let last = spec.num_layers - 1;
        let norm = format!(
            "{}.{last}.{}",
            spec.family.names.layers, spec.family.names.output_norm
        );
        let scale = weights.get(&format!("{norm}.weight"))?;
        let offset = weights.get(&format!("{norm}.bias"))?;
        let widest = ((hidden - 1) as f32).sqrt();
        for (shift, (scale, offset)) in shift
            .values
            .iter_mut()
            .zip(scale.values.iter().zip(&offset.values))
        {
            *shift = scale.abs() * widest + offset.abs();
        }
        for (column, bias) in form.bias.values.iter_mut().enumerate() {
            let row = &form.weight.values[column * hidden..(column + 1) * hidden];
            let moved: f64 = (row.iter().zip(&shift.values))
                .map(|(weight, shift)| f64::from(*weight) * f64::from(*shift))
                .sum();
            *bias = (f64::from(*bias) - moved) as f32;
        }
    }
    Ok((Weight::diagonal(hidden, factor), shift))
}

fn affine(name: &str, weight: Weight, bias: Weight) -> Vec<(String, Weight)> {
    vec![
        (format!("{name}.weight"), weight),
        (format!("{name}.bias"), bias),
    ]
}

fn refuse(task: &TaskSpec, names: &ClassifierNames, reason: &str, remedy: &str) -> ExportError {
    ExportError::NoCounterpart {
        what: format!("the head of task `{}`", task.name),
        program: "transformers",
        reason: format!("{reason} `{}`", names.architecture(Reads::Sequences)),
        remedy: remedy.to_owned(),
    }
}

/// The problem type by which transformers chooses a loss.
pub(super) fn problem_type(head: &HeadConfig) -> Option<&'static str> {
    match head {
        HeadConfig::Classification(_) => Some("single_label_classification"),
        HeadConfig::MultiLabel(_) => Some("multi_label_classification"),
        HeadConfig::Regression(_) => Some("regression"),
        HeadConfig::TokenClassification(_)
        | HeadConfig::QuestionAnswering(_)
        | HeadConfig::Custom(_) => None,
    }
}
