//! ELECTRA (Clark et al. 2020, <https://arxiv.org/abs/2003.10555>): BERT whose embeddings may be
//! narrower than its layers and are projected to them.

use super::bert::BASE;
use super::{ConfigKeys, Family};

/// ELECTRA, the discriminator.
pub static ELECTRA: Family = ELECTRA_BASE;

pub(super) const ELECTRA_BASE: Family = Family {
    model_type: "electra",
    architecture: "ElectraModel",
    prefixes: &["electra.", "discriminator."],
    keys: ConfigKeys {
        embedding_size: Some("embedding_size"),
        ..BASE.keys
    },
    ..BASE
};
