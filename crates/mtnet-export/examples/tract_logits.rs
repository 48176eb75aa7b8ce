//! Runs a graph in tract, an ONNX runtime in Rust, over batches from standard input.
//!
//! ```sh
//! cargo run --release -p mtnet-export --example tract_logits -- onnx/model.onnx < batches.jsonl
//! ```
//!
//! A line holds the inputs by name as rows of whole numbers,
//! `{"input_ids": [[2, 7, 3]], "attention_mask": [[1, 1, 1]]}`; the answer holds the outputs by name,
//! `{"intent_logits": {"shape": [1, 3], "values": [0.1, 2.0, -1.3]}}`. `benches/peers/export_parity.py`
//! compares them with the model's own logits.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead as _, Write as _};

use serde_json::json;
use tract_onnx::prelude::*;

type Rows = BTreeMap<String, Vec<Vec<i64>>>;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("expected a path of an ONNX file")?;
    let graph = tract_onnx::onnx().proto_model_for_path(&path)?;
    let graph = graph.graph.ok_or("the file holds no graph")?;
    let inputs: Vec<String> = graph.input.iter().map(|input| input.name.clone()).collect();
    let outputs: Vec<String> = graph.output.iter().map(|one| one.name.clone()).collect();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let rows: Rows = serde_json::from_str(&line?)?;
        let answer = run(&path, &inputs, &outputs, &rows)?;
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// Builds the graph for the shape of this batch, and runs it.
fn run(
    path: &str,
    inputs: &[String],
    outputs: &[String],
    rows: &Rows,
) -> Result<serde_json::Value, Box<dyn Error>> {
    let mut model = tract_onnx::onnx().model_for_path(path)?;
    let mut values: TVec<TValue> = tvec!();
    for (index, name) in inputs.iter().enumerate() {
        let rows = rows.get(name).ok_or_else(|| format!("no input `{name}`"))?;
        let flat: Vec<i64> = rows.iter().flatten().copied().collect();
        let width = rows.first().map_or(0, Vec::len);
        let tensor = Tensor::from_shape(&[rows.len(), width], &flat)?;
        let fact = InferenceFact::dt_shape(i64::datum_type(), tensor.shape());
        model.set_input_fact(index, fact)?;
        values.push(tensor.into_tvalue());
    }
    let results = model.into_optimized()?.into_runnable()?.run(values)?;
    let mut answer = serde_json::Map::new();
    for (name, result) in outputs.iter().zip(results) {
        let view = result.to_plain_array_view::<f32>()?;
        let values: Vec<f32> = view.iter().copied().collect();
        answer.insert(
            name.clone(),
            json!({ "shape": view.shape(), "values": values }),
        );
    }
    Ok(answer.into())
}
