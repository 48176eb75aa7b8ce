//! BERT (Devlin et al. 2019, <https://arxiv.org/abs/1810.04805>), and every model published in its
//! form: MiniLM, E5, the multilingual ones.

use super::{ConfigKeys, Family, TensorNames};

/// BERT.
pub static BERT: Family = BASE;

/// What the other families are told apart from.
pub(super) const BASE: Family = Family {
    model_type: "bert",
    architecture: "BertModel",
    prefixes: &["bert."],
    keys: ConfigKeys {
        hidden_size: "hidden_size",
        num_layers: "num_hidden_layers",
        num_attention_heads: "num_attention_heads",
        intermediate_size: "intermediate_size",
        activation: "hidden_act",
        hidden_dropout: "hidden_dropout_prob",
        attention_dropout: "attention_probs_dropout_prob",
        layer_norm_eps: Some("layer_norm_eps"),
        type_vocab_size: Some("type_vocab_size"),
        embedding_size: None,
        window_radius: None,
    },
    names: TensorNames {
        layers: "encoder.layer",
        query: "attention.self.query",
        key: "attention.self.key",
        value: "attention.self.value",
        attention_output: "attention.output.dense",
        attention_norm: "attention.output.LayerNorm",
        intermediate: "intermediate.dense",
        output: "output.dense",
        output_norm: "output.LayerNorm",
    },
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
    pad_token_id: 0,
    positions_follow_padding: false,
    drops_attention_output: true,
};
