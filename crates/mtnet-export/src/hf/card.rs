//! The cards of exported folders.

use mtnet_heads::{HeadConfig, TaskSpec};
use mtnet_model::{ModelFolder, Task};

/// The card of a classifier.
pub(super) fn task_card(architecture: &str, task: &Task) -> String {
    let calibration = task.calibration().map_or_else(String::new, |found| {
        format!(
            "Probabilities are calibrated where logits are divided by {:.4} first; labels do not \
             depend on it.\n\n",
            found.temperature()
        )
    });
    let task = &task.spec;
    let (pipeline, class) = match task.head {
        HeadConfig::TokenClassification(_) => ("token-classification", "ForTokenClassification"),
        HeadConfig::QuestionAnswering(_) => ("question-answering", "ForQuestionAnswering"),
        _ => ("text-classification", "ForSequenceClassification"),
    };
    let note = match &task.head {
        HeadConfig::MultiLabel(config) => format!(
            "Every label is a choice of its own: take those whose `sigmoid(logit)` is at least {}.\n\n",
            config.threshold
        ),
        HeadConfig::Regression(_) => "Logits are the numbers themselves.\n\n".to_owned(),
        HeadConfig::TokenClassification(_) => {
            "A word's tag is read at its first token.\n\n".to_owned()
        }
        HeadConfig::QuestionAnswering(config) => format!(
            "Give question and text as a pair. An answer is the span of the text whose first token's \
             `start_logits` and last token's `end_logits` sum to most, of at most {} tokens; the \
             scores of the sequence's first token stand for no answer.\n\n",
            config.max_answer_tokens
        ),
        _ => String::new(),
    };
    let call = match task.head {
        HeadConfig::QuestionAnswering(_) => {
            "answer = model(**tokenizer(\"a question\", \"a text\", return_tensors=\"pt\"))\n\
             scores = answer.start_logits, answer.end_logits"
        }
        _ => "logits = model(**tokenizer(\"some text\", return_tensors=\"pt\")).logits",
    };
    format!(
        "---\nlibrary_name: transformers\npipeline_tag: {pipeline}\ntags:\n- mt-net\n---\n\n\
         # {name}\n\n\
         The task `{name}` of a multi-task model, exported from MT-Net as `{architecture}`: \
         {labels}.\n\n{note}{calibration}\
         ```python\nfrom transformers import AutoModel{class}, AutoTokenizer\n\n\
         tokenizer = AutoTokenizer.from_pretrained(\"this folder\")\n\
         model = AutoModel{class}.from_pretrained(\"this folder\")\n\
         {call}\n```\n\n\
         Weights are 32-bit floats; where the head had no dense layer of its own, one that leaves \
         its rows unchanged stands in for it and needs that precision. Fine-tune from the original \
         encoder rather than from this folder.\n",
        name = task.name,
        labels = listed(task),
    )
}

/// The card of an encoder.
pub(super) fn encoder_card(folder: &ModelFolder, architecture: &str) -> String {
    let tasks: Vec<String> = folder
        .model
        .tasks()
        .iter()
        .map(|task| format!("`{}`", task.spec.name))
        .collect();
    format!(
        "---\nlibrary_name: sentence-transformers\npipeline_tag: feature-extraction\ntags:\n\
         - sentence-transformers\n- mt-net\n---\n\n# Shared encoder\n\n\
         The shared encoder of a multi-task model ({tasks}), exported from MT-Net as \
         `{architecture}`.\n\n\
         ```python\nfrom sentence_transformers import SentenceTransformer\n\n\
         vectors = SentenceTransformer(\"this folder\").encode([\"some text\"])\n```\n\n\
         ```python\nfrom transformers import AutoModel, AutoTokenizer\n\n\
         tokenizer = AutoTokenizer.from_pretrained(\"this folder\")\n\
         model = AutoModel.from_pretrained(\"this folder\")\n\
         hidden = model(**tokenizer(\"some text\", return_tensors=\"pt\")).last_hidden_state\n```\n",
        tasks = tasks.join(", "),
    )
}

/// The card of a model folder that was made of a published classifier.
pub fn imported_card(folder: &ModelFolder) -> String {
    let tasks = folder.model.tasks().iter().map(|task| {
        let spec = &task.spec;
        format!(
            "- **{}** ({}): {}\n",
            spec.name,
            spec.head.kind(),
            listed(spec)
        )
    });
    format!(
        "---\nlibrary_name: mt-net\ntags:\n- mt-net\n---\n\n# Imported classifier\n\n\
         Made by `mtnet import` of a classifier in the layout of the Hugging Face hub; its licence \
         and scores are those of the original.\n\n{}\n\
         ```sh\nmtnet predict this-folder \"some text\"\n```\n",
        tasks.collect::<String>()
    )
}

fn listed(task: &TaskSpec) -> String {
    let shown = 20;
    let mut names: Vec<String> = task
        .labels
        .iter()
        .take(shown)
        .map(|label| format!("`{label}`"))
        .collect();
    if task.labels.len() > shown {
        names.push(format!("{} more", task.labels.len() - shown));
    }
    names.join(", ")
}
