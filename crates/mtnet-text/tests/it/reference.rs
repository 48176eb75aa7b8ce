//! The published tokenizers give the published ids.

use std::path::PathBuf;

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, TextTokenizer};
use serde_json::Value;

#[test]
#[expect(clippy::print_stderr, reason = "a skipped comparison should be seen")]
fn ids_of_real_models_equal_their_references() {
    let models = std::env::var_os("MTNET_MODELS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models"),
        PathBuf::from,
    );
    for model in ["all-minilm-l6-v2", "e5-small-zh"] {
        let folder = models.join(model);
        if !folder.is_dir() {
            eprintln!(
                "skipped: {model} is not in {}; MTNET_MODELS names another folder",
                models.display()
            );
            continue;
        }
        let tokenizer = TextTokenizer::from_file(&folder.join("tokenizer.json")).unwrap();
        let reference: Value =
            serde_json::from_slice(&std::fs::read(folder.join("reference.json")).unwrap()).unwrap();
        let sentences = reference["sentences"].as_array().unwrap();
        assert!(!sentences.is_empty());
        for sentence in sentences {
            let text = sentence["text"].as_str().unwrap();
            let input = InputText::Single(Segment::from_text(text));
            let encoded = tokenizer
                .encode(
                    &input,
                    &EncodeOptions {
                        max_length: 128,
                        windows: false,
                        overlap: None,
                    },
                )
                .unwrap();
            let expected: Vec<u32> = sentence["input_ids"]
                .as_array()
                .unwrap()
                .iter()
                .map(|id| id.as_u64().unwrap() as u32)
                .collect();
            assert_eq!(encoded.windows[0].input_ids, expected, "{model}: {text}");
        }
    }
}
