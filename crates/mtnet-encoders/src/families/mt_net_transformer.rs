//! MT-Net's window in front of a transformer: ELECTRA whose projection also sees the embeddings of
//! the neighbouring tokens (the window approach of Collobert et al. 2011, JMLR 12, §3.3.1).
//!
//! No other library reads it, so it has a `model_type` of its own.

use super::electra::ELECTRA_BASE;
use super::{ConfigKeys, Family};

/// A transformer behind a window.
pub static MT_NET_TRANSFORMER: Family = Family {
    model_type: "mt-net-transformer",
    architecture: "MtNetTransformer",
    prefixes: &[],
    keys: ConfigKeys {
        window_radius: Some("window_radius"),
        ..ELECTRA_BASE.keys
    },
    ..ELECTRA_BASE
};
