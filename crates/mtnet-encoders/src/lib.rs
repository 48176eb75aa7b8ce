//! Shared text encoders over packed batches, and the loading of published weights.
//!
//! An [`Encoder`] maps the tokens of a packed batch, `(tokens)`, to hidden rows
//! `(tokens, hidden)`; heads read the rows they need. There are two kinds:
//!
//! - one [`Transformer`] from a [`TransformerSpec`], which a [`Family`] reads from the
//!   `config.json` and stores under the tensor names that its models were published with
//!   (BERT, RoBERTa, XLM-RoBERTa, ELECTRA, DistilBERT);
//! - the [`MtNet`]: embeddings, random or from [`WordVectors`], and shared fully connected layers
//!   over a window of neighbours and the text as a whole.
//!
//! [`EncoderConfig`] is the `[encoder]` table of a run file; [`EncoderSource`] is what it names,
//! and [`EncoderParts`] is what a model is built from.
//!
//! ```
//! use candle_core::Device;
//! use mtnet_core::{Offsets, PackedBatch, RandomStream};
//! use mtnet_encoders::{EncoderInput, EncoderSpec, build_encoder};
//! use mtnet_kernels::{Mode, ParamStore};
//!
//! let config = serde_json::json!({
//!     "model_type": "bert", "vocab_size": 100, "hidden_size": 16, "num_hidden_layers": 2,
//!     "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64
//! });
//! let spec = EncoderSpec::from_config_json(&config)?;
//! let parameters = ParamStore::new(RandomStream::new(1), &Device::Cpu);
//! let encoder = build_encoder(&spec, parameters.builder())?;
//!
//! // Two texts, of three tokens and of two, laid end to end.
//! let batch = PackedBatch {
//!     input_ids: vec![5, 6, 7, 8, 9],
//!     position_ids: vec![0, 1, 2, 0, 1],
//!     type_ids: vec![0; 5],
//!     offsets: Offsets::from_lengths([3, 2]),
//!     ..PackedBatch::default()
//! };
//! let input = EncoderInput::from_batch(&batch, &Device::Cpu)?;
//! let hidden = encoder.forward(&input, &Mode::Eval)?;
//! assert_eq!(hidden.dims(), [5, 16]);
//! assert_eq!(encoder.layer_of("encoder.layer.1.output.dense.weight"), Some(2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod encoder;
mod error;
mod families;
mod hub;
mod init;
mod input;
mod layers;
mod mt_net;
mod pass;
mod preset;
mod pretrained;
mod source;
mod spec;
mod spelling;
mod tensor_problems;
mod transformer;
mod word_vectors;

pub use config::EncoderConfig;
pub use encoder::Encoder;
pub use error::{ConfigError, EncoderError, PrecisionError};
pub use families::{
    BERT, ConfigKeys, DISTILBERT, ELECTRA, FAMILIES, Family, MT_NET_TRANSFORMER, ROBERTA,
    TensorNames, XLM_ROBERTA,
};
pub use hub::HubCache;
#[cfg(feature = "hub")]
pub use hub::HubDownload;
pub use init::InitMethod;
pub use input::EncoderInput;
pub use mt_net::{MtNet, MtNetConfig};
pub use pass::{EncoderPass, Slope};
pub use preset::Preset;
pub use pretrained::{PretrainedFolder, PretrainedWeights, foreign_format};
pub use source::{EncoderParts, EncoderSource};
pub use spec::{EncoderSpec, ShapeRecorder, build_encoder};
pub use spelling::{SHAPES, spelling_rows};
pub use tensor_problems::{TensorInfo, TensorProblems};
pub use transformer::{Transformer, TransformerSpec};
pub use word_vectors::{InitialRows, WordVectors, WordVectorsProblem};
