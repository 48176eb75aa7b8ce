//! The nodes of an MT-Net: `x₀ = word + type`, `xᵢ₊₁ = norm(act(W · window(xᵢ) + b) + xᵢ)`.

use mtnet_encoders::MtNetConfig;

use super::form::Form;
use super::graph::{Graph, Value};
use super::linear::Style;
use crate::ExportError;

/// Hidden rows `(batch, sequence, hidden)`.
pub(super) fn mt_net(
    graph: &mut Graph,
    form: &Form,
    style: &Style,
    config: &MtNetConfig,
) -> Result<Value, ExportError> {
    graph.enter("/embeddings");
    let words = "embeddings.word_embeddings.weight";
    let mut x = style.embedding(graph, words, &form.input_ids)?;
    if config.type_vocab_size > 0 {
        let types = form.types(graph);
        let table = "embeddings.token_type_embeddings.weight";
        let types = style.embedding(graph, table, &types)?;
        x = graph.add(&x, &types);
    }
    for index in 0..config.layers() {
        graph.enter(format!("/layers/{index}"));
        let width = match index {
            0 => config.embedding_size,
            _ => config.hidden_size,
        };
        let radius = match index < config.num_window_layers {
            true => config.window_radius,
            false => 0,
        };
        let seen = match radius {
            0 => x.clone(),
            radius => form.window(graph, &x, radius),
        };
        let name = format!("layers.{index}.dense");
        let y = style.linear(graph, &seen, &name, config.hidden_act)?;
        let residual = (width == config.hidden_size).then_some(&x);
        let name = format!("layers.{index}.LayerNorm");
        x = style.norm(graph, &y, residual, &name, config.layer_norm_eps)?;
    }
    Ok(x)
}
