//! The published families of encoders: what each calls its settings and tensors.
//!
//! A family is a table, not code: one transformer serves them all, and a new family of the same
//! shape is one more file here.

mod activation;
mod bert;
mod config;
mod distilbert;
mod electra;
mod mt_net_transformer;
mod roberta;

pub use bert::BERT;
pub(crate) use config::{EMBEDDING_DROPOUT, LAYER_DROP, read};
pub use distilbert::DISTILBERT;
pub use electra::ELECTRA;
pub use mt_net_transformer::MT_NET_TRANSFORMER;
pub use roberta::{ROBERTA, XLM_ROBERTA};

/// Every family, by its `model_type`.
pub static FAMILIES: [&Family; 6] = [
    &BERT,
    &ROBERTA,
    &XLM_ROBERTA,
    &ELECTRA,
    &DISTILBERT,
    &MT_NET_TRANSFORMER,
];

/// A family of published encoders.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// `model_type` of its `config.json`.
    pub model_type: &'static str,
    /// Name of the bare encoder in the library it was published with.
    pub architecture: &'static str,
    /// What published files may put before its tensor names, such as `bert.`.
    pub prefixes: &'static [&'static str],
    /// Keys of its `config.json`.
    pub keys: ConfigKeys,
    /// Tensor names of a layer.
    pub names: TensorNames,
    /// Rows of the segment table where the configuration states none, 0 for no such table.
    pub type_vocab_size: usize,
    /// Added to the variance in layer normalisation where the configuration states nothing.
    pub layer_norm_eps: f64,
    /// The padding token where the configuration states none.
    pub pad_token_id: u32,
    /// Whether positions start behind the padding token's id instead of at 0.
    pub positions_follow_padding: bool,
    /// Whether the output of attention is dropped out before the residual is added.
    pub drops_attention_output: bool,
}

/// The keys under which a family's `config.json` states its sizes. Where all families agree
/// (`vocab_size`, `max_position_embeddings`, `initializer_range`, `pad_token_id`), there is no entry.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigKeys {
    /// Width of the hidden rows.
    pub hidden_size: &'static str,
    /// Number of layers.
    pub num_layers: &'static str,
    /// Attention heads of a layer.
    pub num_attention_heads: &'static str,
    /// Width inside the feed-forward part.
    pub intermediate_size: &'static str,
    /// Activation inside the feed-forward part.
    pub activation: &'static str,
    /// Dropout of embeddings and sublayer outputs.
    pub hidden_dropout: &'static str,
    /// Dropout of attention weights.
    pub attention_dropout: &'static str,
    /// Epsilon of layer normalisation, `None` where it is fixed.
    pub layer_norm_eps: Option<&'static str>,
    /// Rows of the segment table, `None` where there is none.
    pub type_vocab_size: Option<&'static str>,
    /// Width of the embeddings, `None` where it is the hidden size.
    pub embedding_size: Option<&'static str>,
    /// Neighbours that the projection of the embeddings sees, `None` where it sees none.
    pub window_radius: Option<&'static str>,
}

/// Where a family keeps the parameters of its layers: `layers.INDEX.PART.weight`.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorNames {
    /// The layers.
    pub layers: &'static str,
    /// Linear map to the queries.
    pub query: &'static str,
    /// Linear map to the keys.
    pub key: &'static str,
    /// Linear map to the values.
    pub value: &'static str,
    /// Linear map behind the heads.
    pub attention_output: &'static str,
    /// Norm behind the attention.
    pub attention_norm: &'static str,
    /// First map of the feed-forward part.
    pub intermediate: &'static str,
    /// Second map of the feed-forward part.
    pub output: &'static str,
    /// Norm behind the feed-forward part.
    pub output_norm: &'static str,
}
