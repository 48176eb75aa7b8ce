//! The nodes of a task's head: `act(rows · Wdᵀ + bd) · Wᵀ + b`, and what its columns are.

use mtnet_heads::{HeadConfig, TaskSpec};
use mtnet_model::Task;

use super::graph::{Graph, Value};
use super::linear::Style;
use crate::ExportError;
use crate::head::head_form;
use crate::weights::Weight;

/// Logits of a head for rows `(…, hidden)`, `(…, columns)`; a regression's in the unit of its data.
pub(super) fn logits(
    graph: &mut Graph,
    style: &Style,
    rows: &Value,
    spec: &TaskSpec,
) -> Result<Value, ExportError> {
    graph.enter(format!("/heads/{}", spec.name));
    let form = head_form(&style.weights, spec)?;
    let name = format!("heads.{}", spec.name);
    let rows = match &form.dense {
        None => rows.clone(),
        Some((activation, weight, bias)) => {
            let rows = affine(graph, rows, &format!("{name}.dense"), weight, bias);
            graph.activate(&rows, *activation)
        }
    };
    Ok(affine(graph, &rows, &name, &form.weight, &form.bias))
}

/// A head is small and its answer is the model's: it keeps its precision whatever the style.
fn affine(graph: &mut Graph, rows: &Value, name: &str, weight: &Weight, bias: &Weight) -> Value {
    let weight = weight.transposed();
    let weight = graph.weight(&format!("{name}.weight"), &weight.shape, &weight.values);
    let bias = graph.weight(&format!("{name}.bias"), &bias.shape, &bias.values);
    let product = graph.matmul(rows, &weight);
    graph.add(&product, &bias)
}

/// Probabilities of logits, divided by the task's temperature where it has one; `None` for a head
/// that answers in numbers.
pub(super) fn probabilities(graph: &mut Graph, task: &Task, logits: &Value) -> Option<Value> {
    let divided = |graph: &mut Graph| match task.calibration() {
        None => logits.clone(),
        Some(calibration) => {
            let temperature = graph.float(calibration.temperature() as f32);
            graph.div(logits, &temperature)
        }
    };
    match task.spec.head {
        HeadConfig::MultiLabel(_) => {
            let logits = divided(graph);
            Some(graph.node("Sigmoid", &[&logits], &[]))
        }
        HeadConfig::Classification(_) | HeadConfig::TokenClassification(_) => {
            let logits = divided(graph);
            Some(graph.softmax(&logits))
        }
        // Where a passage lies is known to the caller alone, so its softmax is too.
        HeadConfig::QuestionAnswering(_) | HeadConfig::Regression(_) | HeadConfig::Custom(_) => {
            None
        }
    }
}
