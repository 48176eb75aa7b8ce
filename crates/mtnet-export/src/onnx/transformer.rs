//! The nodes of a transformer: embeddings, then post-norm layers (Vaswani et al. 2017, §3.1).

use mtnet_encoders::TransformerSpec;
use mtnet_kernels::Activation;

use super::form::Form;
use super::graph::{Attribute, Graph, Value};
use super::linear::Style;
use crate::ExportError;

/// Hidden rows `(batch, sequence, hidden)`.
pub(super) fn transformer(
    graph: &mut Graph,
    form: &Form,
    style: &Style,
    spec: &TransformerSpec,
) -> Result<Value, ExportError> {
    let mut x = embeddings(graph, form, style, spec)?;
    graph.enter("/attention_mask");
    let mask = if style.optimize {
        form.fused_mask(graph)
    } else {
        form.attention_bias(graph)
    };
    for index in 0..spec.num_layers {
        x = layer(graph, style, spec, index, &x, &mask)?;
    }
    Ok(x)
}

fn embeddings(
    graph: &mut Graph,
    form: &Form,
    style: &Style,
    spec: &TransformerSpec,
) -> Result<Value, ExportError> {
    graph.enter("/embeddings");
    let table = |name: &str| format!("embeddings.{name}_embeddings.weight");
    let words = style.embedding(graph, &table("word"), &form.input_ids)?;
    let positions = form.positions(graph, spec.position_offset());
    let positions = style.embedding(graph, &table("position"), &positions)?;
    let mut sum = graph.add(&words, &positions);
    if spec.type_vocab_size > 0 {
        let types = form.types(graph);
        let types = style.embedding(graph, &table("token_type"), &types)?;
        sum = graph.add(&sum, &types);
    }
    let eps = spec.layer_norm_eps;
    let x = style.norm(graph, &sum, None, "embeddings.LayerNorm", eps)?;
    if !spec.has_projection() {
        return Ok(x);
    }
    let x = match spec.window_radius {
        0 => x,
        radius => form.window(graph, &x, radius),
    };
    style.linear(graph, &x, "embeddings_project", Activation::Identity)
}

fn layer(
    graph: &mut Graph,
    style: &Style,
    spec: &TransformerSpec,
    index: usize,
    x: &Value,
    mask: &Value,
) -> Result<Value, ExportError> {
    let names = &spec.family.names;
    let below = format!("{}.{index}", names.layers);
    let name = |part: &str| format!("{below}.{part}");
    graph.enter(format!("/{}/attention", below.replace('.', "/")));
    let qkv = [names.query, names.key, names.value]
        .map(|part| style.linear(graph, x, &name(part), Activation::Identity));
    let [query, key, value] = qkv;
    let (query, key, value) = (query?, key?, value?);
    let mixed = if style.optimize {
        fused_attention(graph, spec, [&query, &key, &value], mask)
    } else {
        attention(graph, spec, [&query, &key, &value], mask)
    };
    let mixed = style.linear(
        graph,
        &mixed,
        &name(names.attention_output),
        Activation::Identity,
    )?;
    let eps = spec.layer_norm_eps;
    let x = style.norm(graph, &mixed, Some(x), &name(names.attention_norm), eps)?;
    graph.enter(format!("/{}/feed_forward", below.replace('.', "/")));
    let inner = style.linear(graph, &x, &name(names.intermediate), spec.activation)?;
    let inner = style.linear(graph, &inner, &name(names.output), Activation::Identity)?;
    style.norm(graph, &inner, Some(&x), &name(names.output_norm), eps)
}

/// `softmax(Q · Kᵀ / √d + mask) · V` a head, `(batch, sequence, hidden)`.
fn attention(
    graph: &mut Graph,
    spec: &TransformerSpec,
    [query, key, value]: [&Value; 3],
    bias: &Value,
) -> Value {
    let heads = spec.num_attention_heads;
    let width = spec.hidden_size / heads;
    let cut = [0, 0, heads as i64, width as i64];
    let split = |graph: &mut Graph, x: &Value, order: &[i64]| {
        let x = graph.reshape(x, &cut);
        graph.transpose(&x, order)
    };
    let query = split(graph, query, &[0, 2, 1, 3]);
    let key = split(graph, key, &[0, 2, 3, 1]);
    let value = split(graph, value, &[0, 2, 1, 3]);
    let scores = graph.matmul(&query, &key);
    let root = graph.float((width as f64).sqrt() as f32);
    let scores = graph.div(&scores, &root);
    let scores = graph.add(&scores, bias);
    let weights = graph.softmax(&scores);
    let mixed = graph.matmul(&weights, &value);
    let mixed = graph.transpose(&mixed, &[0, 2, 1, 3]);
    graph.reshape(&mixed, &[0, 0, spec.hidden_size as i64])
}

/// The same as one node of the domain `com.microsoft`.
fn fused_attention(
    graph: &mut Graph,
    spec: &TransformerSpec,
    [query, key, value]: [&Value; 3],
    mask: &Value,
) -> Value {
    // The node's fourth input is a bias of the three maps, which have added theirs.
    let none = Value(String::new());
    let heads = Attribute::Int(spec.num_attention_heads as i64);
    graph.contrib(
        "MultiHeadAttention",
        &[query, key, value, &none, mask],
        &[("num_heads", heads)],
    )
}
