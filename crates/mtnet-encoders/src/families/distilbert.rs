//! DistilBERT (Sanh et al. 2019, <https://arxiv.org/abs/1910.01108>): BERT without segments, under
//! names of its own, and without dropout between attention and its residual.

use super::bert::BASE;
use super::{ConfigKeys, Family, TensorNames};

/// DistilBERT.
pub static DISTILBERT: Family = Family {
    model_type: "distilbert",
    architecture: "DistilBertModel",
    prefixes: &["distilbert."],
    keys: ConfigKeys {
        hidden_size: "dim",
        num_layers: "n_layers",
        num_attention_heads: "n_heads",
        intermediate_size: "hidden_dim",
        activation: "activation",
        hidden_dropout: "dropout",
        attention_dropout: "attention_dropout",
        layer_norm_eps: None,
        type_vocab_size: None,
        ..BASE.keys
    },
    names: TensorNames {
        layers: "transformer.layer",
        query: "attention.q_lin",
        key: "attention.k_lin",
        value: "attention.v_lin",
        attention_output: "attention.out_lin",
        attention_norm: "sa_layer_norm",
        intermediate: "ffn.lin1",
        output: "ffn.lin2",
        output_norm: "output_layer_norm",
    },
    type_vocab_size: 0,
    drops_attention_output: false,
    ..BASE
};
