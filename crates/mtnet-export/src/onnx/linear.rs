//! Affine maps and tables, in `f32` or in 8 bits.
//!
//! In 8 bits, `y = s_x · s_w · ((x_q − z_x) · W_q) + b`: the rows are quantised as they come, by
//! `DynamicQuantizeLinear` with one scale for the tensor; weights beforehand, symmetrically and with
//! a scale for each output, `s_w = max |W| / 63`. Of the 8 bits weights use 7, since processors
//! without VNNI add pairs of products in 16 bits, where 2 · 255 · 127 does not fit; so the answers
//! are the same on every processor. Tables of embeddings take all 8 bits, a scale a row.

use mtnet_kernels::Activation;

use super::graph::{Attribute, Element, Graph, Value};
use crate::ExportError;
use crate::weights::{Weight, Weights};

/// The largest whole number that a weight takes.
const WEIGHT_LIMIT: f32 = 63.0;
/// The largest whole number of a table's entry.
const TABLE_LIMIT: f32 = 127.0;

/// What nodes are written for a map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style<'a> {
    pub weights: Weights<'a>,
    pub optimize: bool,
    pub int8: bool,
}

impl Style<'_> {
    /// `activation(x · Wᵀ + b)` of the parameters `name.weight` and `name.bias`.
    pub(super) fn linear(
        &self,
        graph: &mut Graph,
        x: &Value,
        name: &str,
        activation: Activation,
    ) -> Result<Value, ExportError> {
        let bias = self.bias(graph, name)?;
        if self.optimize
            && !self.int8
            && matches!(activation, Activation::Gelu | Activation::GeluTanh)
        {
            let product = self.product(graph, x, name)?;
            let op = match activation {
                Activation::Gelu => "BiasGelu",
                _ => "FastGelu",
            };
            return Ok(graph.contrib(op, &[&product, &bias], &[]));
        }
        if self.optimize && self.int8 {
            let (weight, scale) = self.quantised(graph, name)?;
            // The zero point of symmetric weights is left out, as an empty name.
            let none = Value(String::new());
            let sum = graph.contrib(
                "DynamicQuantizeMatMul",
                &[x, &weight, &scale, &none, &bias],
                &[],
            );
            return Ok(match activation {
                Activation::Gelu => graph.contrib("Gelu", &[&sum], &[]),
                Activation::GeluTanh => graph.contrib("FastGelu", &[&sum], &[]),
                other => graph.activate(&sum, other),
            });
        }
        let product = self.product(graph, x, name)?;
        let sum = graph.add(&product, &bias);
        Ok(graph.activate(&sum, activation))
    }

    /// `x · Wᵀ` of the parameter `name.weight`.
    pub(super) fn product(
        &self,
        graph: &mut Graph,
        x: &Value,
        name: &str,
    ) -> Result<Value, ExportError> {
        if !self.int8 {
            let weight = self.weights.get(&format!("{name}.weight"))?.transposed();
            let weight = graph.weight(&format!("{name}.weight"), &weight.shape, &weight.values);
            return Ok(graph.matmul(x, &weight));
        }
        let (weight, scale) = self.quantised(graph, name)?;
        if self.optimize {
            return Ok(graph.contrib("DynamicQuantizeMatMul", &[x, &weight, &scale], &[]));
        }
        let [rows, rows_scale, rows_zero] = graph.node_with("DynamicQuantizeLinear", &[x]);
        let whole = graph.node("MatMulInteger", &[&rows, &weight, &rows_zero], &[]);
        let product = graph.cast(&whole, Element::Float);
        let scale = graph.mul(&rows_scale, &scale);
        Ok(graph.mul(&product, &scale))
    }

    /// The parameter `name.bias`.
    pub(super) fn bias(&self, graph: &mut Graph, name: &str) -> Result<Value, ExportError> {
        let name = format!("{name}.bias");
        let bias = self.weights.get(&name)?;
        Ok(graph.weight(&name, &bias.shape, &bias.values))
    }

    /// Layer normalisation by the parameters `name.weight` and `name.bias`, of `x + residual`.
    pub(super) fn norm(
        &self,
        graph: &mut Graph,
        x: &Value,
        residual: Option<&Value>,
        name: &str,
        eps: f64,
    ) -> Result<Value, ExportError> {
        let (weight, bias) = self.norm_parameters(graph, name)?;
        let eps = ("epsilon", Attribute::Float(eps as f32));
        if let (true, Some(residual)) = (self.optimize, residual) {
            let inputs = [x, residual, &weight, &bias];
            return Ok(graph.contrib("SkipLayerNormalization", &inputs, &[eps]));
        }
        let x = match residual {
            None => x.clone(),
            Some(residual) => graph.add(x, residual),
        };
        let attributes = [("axis", Attribute::Int(-1)), eps];
        Ok(graph.node("LayerNormalization", &[&x, &weight, &bias], &attributes))
    }

    fn norm_parameters(
        &self,
        graph: &mut Graph,
        name: &str,
    ) -> Result<(Value, Value), ExportError> {
        let weight = self.weights.get(&format!("{name}.weight"))?;
        let weight = graph.weight(&format!("{name}.weight"), &weight.shape, &weight.values);
        Ok((weight, self.bias(graph, name)?))
    }

    /// Rows `ids` of the table `name`.
    pub(super) fn embedding(
        &self,
        graph: &mut Graph,
        name: &str,
        ids: &Value,
    ) -> Result<Value, ExportError> {
        let table = self.weights.get(name)?;
        if !self.int8 {
            let table = graph.weight(name, &table.shape, &table.values);
            return Ok(graph.gather(&table, ids, 0));
        }
        let (whole, scales) = quantise_rows(&table, TABLE_LIMIT);
        let rows = table.shape[0];
        let table = graph.weight_int8(&format!("{name}_quantized"), &table.shape, &whole);
        let scales = graph.weight(&format!("{name}_scale"), &[rows, 1], &scales);
        let whole = graph.gather(&table, ids, 0);
        let whole = graph.cast(&whole, Element::Float);
        let scales = graph.gather(&scales, ids, 0);
        Ok(graph.mul(&whole, &scales))
    }

    /// The weight `(inputs, outputs)` in whole numbers, with the scale of each output.
    fn quantised(&self, graph: &mut Graph, name: &str) -> Result<(Value, Value), ExportError> {
        let weight = self.weights.get(&format!("{name}.weight"))?;
        let (whole, scales) = quantise_rows(&weight, WEIGHT_LIMIT);
        let (outputs, inputs) = (weight.shape[0], weight.shape[1]);
        let mut turned = Vec::with_capacity(whole.len());
        for input in 0..inputs {
            turned.extend((0..outputs).map(|output| whole[output * inputs + input]));
        }
        Ok((
            graph.weight_int8(
                &format!("{name}.weight_quantized"),
                &[inputs, outputs],
                &turned,
            ),
            graph.weight(&format!("{name}.weight_scale"), &[outputs], &scales),
        ))
    }
}

/// A matrix in whole numbers from `-limit` to `limit`, and the scale of each row.
fn quantise_rows(matrix: &Weight, limit: f32) -> (Vec<i8>, Vec<f32>) {
    let width = matrix.shape[1];
    let mut whole = Vec::with_capacity(matrix.values.len());
    let mut scales = Vec::with_capacity(matrix.shape[0]);
    for row in matrix.values.chunks_exact(width) {
        let largest = row
            .iter()
            .fold(0.0f32, |largest, value| largest.max(value.abs()));
        // A row of zeros has no scale of its own; any will do.
        let scale = if largest > 0.0 { largest / limit } else { 1.0 };
        scales.push(scale);
        whole.extend(row.iter().map(|value| (value / scale).round() as i8));
    }
    (whole, scales)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_times_their_scale_are_within_half_a_step() {
        let matrix = Weight::new(vec![3, 2], vec![0.6, -1.0, 0.0, 0.0, 3e-3, 1e-3]);
        let (whole, scales) = quantise_rows(&matrix, WEIGHT_LIMIT);
        assert_eq!(whole, [38, -63, 0, 0, 63, 21]);
        for (at, (value, whole)) in matrix.values.iter().zip(&whole).enumerate() {
            let scale = scales[at / 2];
            assert!((value - f32::from(*whole) * scale).abs() <= scale / 2.0);
        }
    }
}
