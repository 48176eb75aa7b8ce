//! RoBERTa (Liu et al. 2019, <https://arxiv.org/abs/1907.11692>) and XLM-RoBERTa (Conneau et al.
//! 2020, <https://arxiv.org/abs/1911.02116>): BERT whose positions start behind the padding token's
//! id, since its first implementation numbered padding as a position of its own.

use super::Family;
use super::bert::BASE;

/// RoBERTa.
pub static ROBERTA: Family = ROBERTA_BASE;

/// XLM-RoBERTa.
pub static XLM_ROBERTA: Family = Family {
    model_type: "xlm-roberta",
    architecture: "XLMRobertaModel",
    ..ROBERTA_BASE
};

const ROBERTA_BASE: Family = Family {
    model_type: "roberta",
    architecture: "RobertaModel",
    prefixes: &["roberta."],
    pad_token_id: 1,
    positions_follow_padding: true,
    ..BASE
};
