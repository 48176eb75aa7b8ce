//! A WordPiece vocabulary as a `tokenizer.json`.

use serde_json::{Map, Value, json};

use super::{MAX_WORD_CHARS, PREFIX, SPECIAL};

/// The tokenizer as the library's file format describes it.
pub(super) fn tokenizer_json(vocab: Map<String, Value>, lowercase: bool) -> Value {
    let added: Vec<Value> = SPECIAL
        .iter()
        .enumerate()
        .map(|(id, token)| {
            json!({
                "id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true
            })
        })
        .collect();
    let special =
        |token: &str, type_id: u32| json!({ "SpecialToken": { "id": token, "type_id": type_id } });
    let text = |id: &str, type_id: u32| json!({ "Sequence": { "id": id, "type_id": type_id } });
    let described = |id: u32, token: &str| json!({ "id": token, "ids": [id], "tokens": [token] });
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": lowercase
        },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("[CLS]", 0), text("A", 0), special("[SEP]", 0)],
            "pair": [
                special("[CLS]", 0), text("A", 0), special("[SEP]", 0), text("B", 1), special("[SEP]", 1)
            ],
            "special_tokens": { "[CLS]": described(2, "[CLS]"), "[SEP]": described(3, "[SEP]") }
        },
        "decoder": { "type": "WordPiece", "prefix": PREFIX, "cleanup": true },
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": PREFIX,
            "max_input_chars_per_word": MAX_WORD_CHARS, "vocab": vocab
        }
    })
}
