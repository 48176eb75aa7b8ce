//! Graphs run by tract, an implementation that shares no code with this project.

use std::collections::BTreeMap;

use mtnet_export::onnx::proto::ModelProto;
use mtnet_model::WindowTokens;
use prost::Message as _;
use tract_onnx::prelude::*;

/// Outputs by name: shape and numbers.
pub type Outputs = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Runs a graph on padded rows or on rows laid end to end.
pub fn run(model: &ModelProto, rows: &[&WindowTokens], packed: bool) -> Outputs {
    let graph = model.graph.as_ref().unwrap();
    let bytes = model.encode_to_vec();
    let mut loaded = tract_onnx::onnx()
        .model_for_read(&mut bytes.as_slice())
        .unwrap();
    let mut values: TVec<TValue> = tvec!();
    for (index, input) in graph.input.iter().enumerate() {
        let tensor = if packed {
            packed_input(&input.name, rows)
        } else {
            padded_input(&input.name, rows)
        };
        let fact = InferenceFact::dt_shape(i64::datum_type(), tensor.shape());
        loaded.set_input_fact(index, fact).unwrap();
        values.push(tensor.into_tvalue());
    }
    let runnable = loaded
        .into_optimized()
        .unwrap_or_else(|error| panic!("{error:?}"))
        .into_runnable()
        .unwrap();
    let results = runnable.run(values).unwrap();
    graph
        .output
        .iter()
        .zip(results)
        .map(|(output, result)| {
            let view = result.to_plain_array_view::<f32>().unwrap();
            (
                output.name.clone(),
                (view.shape().to_vec(), view.iter().copied().collect()),
            )
        })
        .collect()
}

fn padded_input(name: &str, rows: &[&WindowTokens]) -> Tensor {
    let longest = rows.iter().map(|row| row.input_ids.len()).max().unwrap();
    let mut values = Vec::new();
    for row in rows {
        let ones = vec![1; row.input_ids.len()];
        let cells = match name {
            "input_ids" => &row.input_ids,
            "attention_mask" => &ones,
            "token_type_ids" => &row.token_type_ids,
            other => panic!("no input is called {other}"),
        };
        values.extend(cells.iter().map(|&cell| i64::from(cell)));
        values.resize(values.len() + longest - cells.len(), 0);
    }
    Tensor::from_shape(&[rows.len(), longest], &values).unwrap()
}

fn packed_input(name: &str, rows: &[&WindowTokens]) -> Tensor {
    let flat = |cells: fn(&WindowTokens) -> &Vec<u32>| -> Vec<i64> {
        rows.iter()
            .flat_map(|row| cells(row).iter().map(|&cell| i64::from(cell)))
            .collect()
    };
    let values = match name {
        "input_ids" => flat(|row| &row.input_ids),
        "token_type_ids" => flat(|row| &row.token_type_ids),
        "cu_seqlens" => {
            let mut borders = vec![0];
            for row in rows {
                borders.push(borders[borders.len() - 1] + row.input_ids.len() as i64);
            }
            borders
        }
        other => panic!("no input is called {other}"),
    };
    tensor1(&values)
}
