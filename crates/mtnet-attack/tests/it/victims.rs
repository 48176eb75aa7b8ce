//! Small models whose answers hang on single words, made in memory.

use candle_core::Device;
use mtnet_attack::{AttackConfig, AttackExample, AttackOptions, Recipe, attack};
use mtnet_core::{InputText, RandomStream, Segment, Target, TaskName};
use mtnet_encoders::{EncoderSpec, build_encoder};
use mtnet_heads::{Answer, HeadRegistry, TaskSpec};
use mtnet_kernels::{ParamStore, Pooling};
use mtnet_model::{ModelFolder, MultiTaskModel};
use mtnet_text::{EncodeOptions, PackItem, TextTokenizer, pack, train_wordpiece};

/// Texts with function words, numbers, names and marks.
pub const TEXTS: [&str; 12] = [
    "The film was a great surprise, and I loved every minute of it.",
    "Sarah did not like the 3 dull songs that John played in London!",
    "A terrible plot with wooden acting ruined the whole evening for us.",
    "We enjoyed wonderful music and excellent food near the river.",
    "Nothing about this boring story deserves your time or money.",
    "It is a charming little picture full of warmth and humour.",
    "The battery died after 2 days and the screen cracked quickly.",
    "Friendly staff, generous portions and a lovely garden terrace.",
    "Their service was painfully slow although the soup tasted fine.",
    "Don't waste 20 dollars on that horrible broken machine",
    "Brilliant performances carry an otherwise ordinary script.",
    "The phone works perfectly and charges faster than expected.",
];

/// Which encoder a model has.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Embeddings and fully connected layers over a window.
    Window,
    /// A transformer of BERT's family.
    Transformer,
}

pub fn task(name: &str) -> TaskName {
    TaskName::new(name).unwrap()
}

/// A model of four tasks, `mood` (one label), `topics` (several), `stars` (a number) and `tags`.
/// Nothing is frozen, so that its own graph can be compared with.
pub fn model(kind: Kind) -> ModelFolder {
    let tokenizer = train_wordpiece(TEXTS.into_iter(), &Default::default(), &[]).unwrap();
    let vocab = tokenizer.vocab_size();
    let config = match kind {
        Kind::Window => serde_json::json!({
            "model_type": "mt-net", "vocab_size": vocab, "embedding_size": 16, "hidden_size": 24,
            "initializer_range": 1.0
        }),
        Kind::Transformer => serde_json::json!({
            "model_type": "bert", "vocab_size": vocab, "hidden_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64,
            "initializer_range": 0.5
        }),
    };
    let spec = EncoderSpec::from_config_json(&config).unwrap();
    let store = ParamStore::new(RandomStream::new(3), &Device::Cpu);
    let encoder = build_encoder(&spec, store.builder()).unwrap();
    let specs = [
        ("mood", "classification", vec!["bad", "fair", "good"]),
        ("topics", "multi-label", vec!["food", "film", "music"]),
        ("stars", "regression", vec!["stars"]),
        ("tags", "token-classification", vec!["O", "B-x", "I-x"]),
    ]
    .map(|(name, head, labels)| TaskSpec::new(task(name), head.parse().unwrap(), labels));
    let registry = HeadRegistry::default();
    let model =
        MultiTaskModel::new(encoder, Pooling::Mean, specs.to_vec(), &registry, store).unwrap();
    sharpen(&model, &tokenizer);
    ModelFolder {
        model,
        tokenizer,
        max_length: 48,
    }
}

/// Heads begin with small weights, and then answer all texts alike: these get large ones, and a bias
/// that puts the mean of [`TEXTS`] on the border between the answers.
fn sharpen(model: &MultiTaskModel, tokenizer: &TextTokenizer) {
    let options = EncodeOptions {
        max_length: 48,
        windows: true,
        overlap: None,
    };
    let encoded = TEXTS.map(|text| {
        let input = InputText::Single(Segment::from_text(text));
        tokenizer.encode(&input, &options).unwrap()
    });
    let items: Vec<PackItem<'_>> = encoded
        .iter()
        .enumerate()
        .map(|(example, text)| PackItem {
            example,
            window: &text.windows[0],
            first: true,
            targets: Vec::new(),
        })
        .collect();
    let batch = pack(&items, &Default::default());
    let middle = model.embed(&batch).unwrap().mean_keepdim(0).unwrap();
    let parameters = model.parameters();
    for (name, weight) in parameters.vars() {
        let Some(head) = name
            .strip_suffix("weight")
            .filter(|_| name.starts_with("heads."))
        else {
            continue;
        };
        let large = (weight.as_tensor() * 40.0).unwrap();
        let bias = middle.matmul(&large.t().unwrap()).unwrap().neg().unwrap();
        weight.set(&large).unwrap();
        let at = parameters.get(&format!("{head}bias")).unwrap();
        at.set(&bias.squeeze(0).unwrap()).unwrap();
    }
}

/// [`TEXTS`] as examples of a task, whose targets are what the model answers: every one begins
/// right, unless its number is in `wrong`.
pub fn examples(folder: &ModelFolder, name: &str, wrong: &[usize]) -> Vec<AttackExample> {
    let stated = name == "tags";
    let inputs = TEXTS.map(|text| {
        InputText::Single(match stated {
            true => Segment::from_words(&text.split(' ').collect::<Vec<_>>(), " "),
            false => Segment::from_text(text),
        })
    });
    let blank = |input: &InputText| match name {
        "mood" => Target::Class(0),
        "topics" => Target::MultiLabel(vec![]),
        "stars" => Target::Numbers(vec![0.0]),
        _ => Target::Tags(vec![0; input.first().words().unwrap_or_default().len()]),
    };
    let mut examples: Vec<AttackExample> = inputs
        .into_iter()
        .enumerate()
        .map(|(index, input)| AttackExample {
            index,
            targets: [(task(name), blank(&input))].into(),
            input,
        })
        .collect();
    // One question each: the clean text.
    let mut probe = Recipe::Case.config();
    probe.max_queries = Some(1);
    probe.goal = shift_goal();
    let answers = attack(
        folder,
        &examples,
        &probe,
        &AttackOptions::new(task(name), 0),
    )
    .unwrap();
    for (example, outcome) in examples.iter_mut().zip(answers) {
        let other = usize::from(wrong.contains(&example.index)) as u32;
        let target = match outcome.clean_answer {
            Answer::Class { label, .. } => Target::Class((label + other) % 3),
            Answer::Labels { labels, .. } => Target::MultiLabel(labels),
            Answer::Numbers { values } => Target::Numbers(values),
            Answer::Tags { tags, .. } => Target::Tags(tags),
            _ => panic!("no other answer"),
        };
        example.targets.insert(task(name), target);
    }
    examples
}

/// The untargeted goal with a shift, since no training says how much a number varies.
pub fn shift_goal() -> mtnet_attack::GoalConfig {
    mtnet_attack::GoalConfig::Untargeted {
        shift: Some(0.05),
        measure: None,
        damage: 0.0,
    }
}

/// A recipe on a task of a model, with everything else at its default.
pub fn run(
    folder: &ModelFolder,
    name: &str,
    examples: &[AttackExample],
    config: &AttackConfig,
) -> Vec<mtnet_attack::AttackOutcome> {
    attack(folder, examples, config, &AttackOptions::new(task(name), 5)).unwrap()
}
