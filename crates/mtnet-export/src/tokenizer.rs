//! The tokenizer in the files that transformers reads.

use mtnet_encoders::EncoderSpec;
use mtnet_model::ModelFolder;
use mtnet_text::TextTokenizer;
use serde_json::{Map, Value, json};

use crate::weights::encoder_spec;
use crate::{ExportError, Files};

/// Special tokens by their role, with the names that published vocabularies have for them.
const ROLES: [(&str, [&str; 2]); 5] = [
    ("unk_token", ["[UNK]", "<unk>"]),
    ("sep_token", ["[SEP]", "</s>"]),
    ("pad_token", ["[PAD]", "<pad>"]),
    ("cls_token", ["[CLS]", "<s>"]),
    ("mask_token", ["[MASK]", "<mask>"]),
];

/// Adds `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json`.
pub(crate) fn tokenizer_files(folder: &ModelFolder, files: &mut Files) -> Result<(), ExportError> {
    let spec = encoder_spec(folder)?;
    let special = special_tokens(&folder.tokenizer, &spec);
    let mut config = Map::from_iter([
        (
            "tokenizer_class".to_owned(),
            json!("PreTrainedTokenizerFast"),
        ),
        ("model_max_length".to_owned(), json!(folder.max_length)),
        ("model_input_names".to_owned(), json!(input_names(&spec))),
        ("padding_side".to_owned(), json!("right")),
        ("truncation_side".to_owned(), json!("right")),
        ("clean_up_tokenization_spaces".to_owned(), json!(false)),
    ]);
    config.extend(special.clone());
    files.add("tokenizer.json", folder.tokenizer.to_json()?);
    files.add_json("tokenizer_config.json", &Value::Object(config));
    files.add_json("special_tokens_map.json", &Value::Object(special));
    Ok(())
}

/// The inputs that the encoder's published class takes from its tokenizer.
fn input_names(spec: &EncoderSpec) -> Vec<&'static str> {
    let types = match spec {
        EncoderSpec::Transformer(spec) => spec.type_vocab_size > 1,
        EncoderSpec::MtNet(config) => config.type_vocab_size > 1,
        _ => false,
    };
    let mut names = vec!["input_ids", "attention_mask"];
    if types {
        names.insert(1, "token_type_ids");
    }
    names
}

fn special_tokens(tokenizer: &TextTokenizer, spec: &EncoderSpec) -> Map<String, Value> {
    let padding = match spec {
        EncoderSpec::Transformer(spec) => tokenizer.token(spec.pad_token_id),
        _ => None,
    };
    ROLES
        .into_iter()
        .filter_map(|(role, names)| {
            let known = names
                .into_iter()
                .find(|name| tokenizer.id(name).is_some())
                .map(str::to_owned);
            let token = match role {
                "pad_token" => padding.clone().or(known),
                _ => known,
            };
            Some((role.to_owned(), json!(token?)))
        })
        .collect()
}
