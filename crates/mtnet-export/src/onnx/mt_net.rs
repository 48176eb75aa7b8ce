//! The nodes of an MT-Net: `x₀ = word + type`, `xᵢ₊₁ = norm(act(W · window(xᵢ) + b) + xᵢ)`, where
//! the window may end with the mean row of the text.

use mtnet_encoders::MtNetConfig;

use super::form::Form;
use super::graph::{Attribute, Graph, Value};
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
        let width = config.layer_width(index);
        let mut seen = match config.layer_radius(index) {
            0 => x.clone(),
            radius => form.window(graph, &x, radius),
        };
        if config.layer_reads_text(index) {
            let text = form.text_rows(graph, &x);
            seen = graph.node("Concat", &[&seen, &text], &[("axis", Attribute::Int(2))]);
        }
        let name = format!("layers.{index}.dense");
        let y = style.linear(graph, &seen, &name, config.hidden_act)?;
        let residual = (width == config.hidden_size).then_some(&x);
        let name = format!("layers.{index}.LayerNorm");
        x = style.norm(graph, &y, residual, &name, config.layer_norm_eps)?;
    }
    Ok(x)
}
