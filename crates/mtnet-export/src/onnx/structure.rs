//! Whether a graph is one: the rules of the format that need no knowledge of operators.
//!
//! Every value is made once and before it is read, every output is made, every constant has as many
//! bytes as its shape says and is read, every node's domain has a version
//! (<https://github.com/onnx/onnx/blob/main/docs/IR.md>).

use std::collections::{BTreeMap, BTreeSet};

use super::proto::{GraphProto, ModelProto, TensorProto};

/// The first rule that a model breaks, in words; `Ok` if it breaks none.
///
/// # Errors
/// A sentence that names the rule and the place.
pub fn check_structure(model: &ModelProto) -> Result<(), String> {
    let graph = model.graph.as_ref().ok_or("the model has no graph")?;
    let domains: BTreeSet<&str> = model
        .opset_import
        .iter()
        .map(|opset| opset.domain.as_str())
        .collect();
    if let Some(node) = graph
        .node
        .iter()
        .find(|node| !domains.contains(node.domain.as_str()))
    {
        return Err(format!(
            "node `{}` is of the domain `{}`, which has no version",
            node.name, node.domain
        ));
    }
    check_values(graph)?;
    graph.initializer.iter().try_for_each(check_constant)
}

fn check_values(graph: &GraphProto) -> Result<(), String> {
    // Each value and whether something reads it.
    let mut made: BTreeMap<&str, bool> = BTreeMap::new();
    let given = graph.input.iter().map(|input| &input.name);
    let constants = graph.initializer.iter().map(|tensor| &tensor.name);
    for name in given.chain(constants) {
        if made.insert(name, false).is_some() {
            return Err(format!("the value `{name}` is given twice"));
        }
    }
    let mut names = BTreeSet::new();
    for node in &graph.node {
        if !names.insert(&node.name) {
            return Err(format!("two nodes are called `{}`", node.name));
        }
        // An input that is left out has an empty name.
        for input in node.input.iter().filter(|input| !input.is_empty()) {
            let Some(read) = made.get_mut(input.as_str()) else {
                return Err(format!(
                    "node `{}` reads `{input}`, which nothing before it makes",
                    node.name
                ));
            };
            *read = true;
        }
        for output in &node.output {
            if output.is_empty() || made.insert(output, false).is_some() {
                return Err(format!("node `{}` makes `{output}` again", node.name));
            }
        }
    }
    for output in &graph.output {
        match made.get_mut(output.name.as_str()) {
            Some(read) => *read = true,
            None => return Err(format!("nothing makes the output `{}`", output.name)),
        }
    }
    // A graph may have inputs that do not matter; all else is there to be read.
    let unread = graph.initializer.iter().map(|tensor| &tensor.name);
    match unread.into_iter().find(|name| !made[name.as_str()]) {
        Some(name) => Err(format!("nothing reads the constant `{name}`")),
        None => Ok(()),
    }
}

fn check_constant(tensor: &TensorProto) -> Result<(), String> {
    let width = match tensor.data_type {
        1 | 6 => 4,
        2 | 3 | 9 => 1,
        7 => 8,
        other => return Err(format!("`{}` has the unknown type {other}", tensor.name)),
    };
    let count: i64 = tensor.dims.iter().product();
    let expected = count as usize * width;
    if tensor.raw_data.len() == expected {
        return Ok(());
    }
    Err(format!(
        "`{}` of shape {:?} has {} bytes, expected {expected}",
        tensor.name,
        tensor.dims,
        tensor.raw_data.len()
    ))
}
