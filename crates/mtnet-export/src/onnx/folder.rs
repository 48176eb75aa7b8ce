//! A folder with a graph, the tokenizer and what both mean.

use mtnet_model::ModelFolder;
use prost::Message as _;

use super::{OnnxOptions, onnx_model};
use crate::tokenizer::tokenizer_files;
use crate::{ExportError, Files};

/// `model.onnx` with the tokenizer's files, `config.json`, `tasks.json` and a card.
///
/// # Errors
/// As [`onnx_model`].
pub fn export_onnx(folder: &ModelFolder, options: &OnnxOptions) -> Result<Files, ExportError> {
    let model = onnx_model(folder, options)?;
    let graph = model.graph.as_ref().expect("a graph was just made");
    let listed = |values: &[super::proto::ValueInfoProto]| -> String {
        let names: Vec<String> = values
            .iter()
            .map(|value| format!("`{}`", value.name))
            .collect();
        names.join(", ")
    };
    let (inputs, outputs) = (listed(&graph.input), listed(&graph.output));
    let mut files = Files::default();
    files.add("model.onnx", model.encode_to_vec());
    tokenizer_files(folder, &mut files)?;
    for (name, content) in folder.files()? {
        if name == "config.json" || name == "tasks.json" {
            files.add(&name, content);
        }
    }
    files.add("README.md", card(options, &inputs, &outputs));
    Ok(files)
}

fn card(options: &OnnxOptions, inputs: &str, outputs: &str) -> String {
    let form = match options.packed {
        true => {
            "Sequences lie end to end in `input_ids (tokens)`; `cu_seqlens (sequences + 1)` holds \
             their borders, from 0 to the number of tokens."
        }
        false => {
            "Rows of a batch are padded at their end to one length, where `attention_mask` is 0."
        }
    };
    let precision = match (options.int8, options.optimize) {
        (true, _) => "Weights are 8-bit whole numbers; rows are quantised as they come.",
        (false, true) => "Some nodes are of the domain `com.microsoft`, for ONNX Runtime.",
        (false, false) => "All nodes are of the ONNX standard, operator set 17.",
    };
    let call = match options.packed {
        true => "",
        false => {
            "\n```python\nimport onnxruntime\nfrom transformers import AutoTokenizer\n\n\
             tokenizer = AutoTokenizer.from_pretrained(\"this folder\")\n\
             session = onnxruntime.InferenceSession(\"this folder/model.onnx\")\n\
             texts = tokenizer([\"some text\", \"another\"], padding=True, truncation=True, return_tensors=\"np\")\n\
             outputs = session.run(None, {i.name: texts[i.name] for i in session.get_inputs()})\n```\n"
        }
    };
    format!(
        "---\nlibrary_name: onnxruntime\ntags:\n- onnx\n- mt-net\n---\n\n# ONNX graph\n\n\
         Exported from MT-Net. Inputs: {inputs}. Outputs: {outputs}.\n\n{form} {precision} \
         The graph's metadata (`mtnet.tasks`) holds the labels of each output, thresholds, and the \
         transitions by which tags are decoded. A word's tag is read at its first token.\n{call}"
    )
}
