//! Answers to questions beside another task: learned, scored, placed, and with every setting that
//! reads losses or scores.

use candle_core::Device;
use mtnet_core::{RandomStream, Split, TaskName};
use mtnet_model::{ModelError, PredictInput, Predictor};
use mtnet_train::run_file::RunFile;

use super::Bench;

const RUN: &str = r#"
    [run]
    name = "questions"
    seed = 3

    [encoder]
    preset = "mt-net-mini"
    hidden_size = 32
    num_layers = 2
    num_attention_heads = 2
    max_length = 16

    [tokenizer]
    vocab_size = 120

    [train]
    epochs = 10
    batch_tokens = 256
    learning_rate = 5e-3

    [[dataset]]
    name = "texts"
    format = "jsonl"
    text = "question"
    text_b = "context"
    train = "train.jsonl"
    dev = "dev.jsonl"
    test = "test.jsonl"

    [[task]]
    name = "answer"
    dataset = "texts"
    head = { type = "question-answering", overlap = 4, n_best = 2 }
    label = ["answer", "answer_start"]

    [[task]]
    name = "kind"
    dataset = "texts"
    head = "classification"
    label = "kind"
"#;

/// Who or where, in texts of which some are longer than the encoder reads and some do not say.
fn write_data(bench: &Bench) {
    let mut stream = RandomStream::new(5).child("questions");
    for (split, count) in [("train", 300), ("dev", 60), ("test", 60)] {
        let lines: String = (0..count).map(|_| example(&mut stream) + "\n").collect();
        std::fs::write(bench.path(&format!("{split}.jsonl")), lines).unwrap();
    }
}

fn example(stream: &mut RandomStream) -> String {
    let mut pick = |words: &[&'static str]| words[stream.below(words.len() as u32) as usize];
    let place = pick(&["Oslo", "Rome", "北京", "Lima"]);
    let person = pick(&["Ada", "Grace", "Linus"]);
    let before = pick(&[
        "",
        "well 👍🏽 ",
        "so it is said that now and then and here and there ",
    ]);
    let (context, lacks) = match pick(&["both", "both", "both", "person"]) {
        "both" => (
            format!("{before}please ring {person} in {place} now"),
            false,
        ),
        _ => (format!("{before}please ring {person} now"), true),
    };
    let question = pick(&["who is it", "where is it"]);
    let word = if question == "who is it" {
        person
    } else {
        place
    };
    let start = context.find(word).map(|at| context[..at].chars().count());
    let unanswered = lacks && question != "who is it";
    assert_eq!(start.is_none(), unanswered);
    serde_json::json!({
        "question": question, "context": context, "kind": &question[..3],
        "answer": start.iter().map(|_| word).collect::<Vec<_>>(),
        "answer_start": start.iter().collect::<Vec<_>>(),
    })
    .to_string()
}

fn bench() -> Bench {
    let bench = Bench {
        folder: tempfile::tempdir().unwrap(),
    };
    write_data(&bench);
    std::fs::write(bench.path("run.toml"), RUN).unwrap();
    bench
}

fn task(name: &str) -> TaskName {
    TaskName::new(name).unwrap()
}

#[test]
fn answers_are_learned_with_their_threshold_and_placed_in_the_text() {
    let bench = bench();
    let results = bench.train("run", &[]).unwrap();
    let scores = &results.test[&task("answer")];
    assert!(scores["answer_f1"] > 0.9, "{scores:?}");
    assert!(scores["exact_match"] > 0.9, "{scores:?}");
    assert!(results.test[&task("kind")]["accuracy"] > 0.9);
    assert_eq!(results.main_metric[&task("answer")], "answer_f1");
    // Always saying nothing is right where nothing is there.
    let majority = results.majority[&task("answer")]["answer_f1"];
    assert!((0.02..0.3).contains(&majority), "{majority}");

    let kept = std::fs::read_to_string(bench.path("run/predictions-test.jsonl")).unwrap();
    let spans: Vec<&str> = kept
        .lines()
        .filter(|line| line.contains(r#""kind":"spans""#))
        .collect();
    assert_eq!(spans.len(), 60);
    assert!(
        spans
            .iter()
            .any(|line| line.contains(r#""truth":[],"answer":null"#))
    );
    let card = std::fs::read_to_string(bench.path("run/model/README.md")).unwrap();
    assert!(card.contains("pipeline_tag: question-answering"), "{card}");
    assert!(
        card.contains("question-answering | 2 | answer_f1"),
        "{card}"
    );

    // The model folder alone: threshold, characters, long texts, texts alone.
    let tasks = std::fs::read_to_string(bench.path("run/model/tasks.json")).unwrap();
    assert!(tasks.contains("null_threshold"), "{tasks}");
    let predictor = Predictor::open(&bench.path("run/model"), &Device::Cpu).unwrap();
    let long = "so it is said that now and then and here and there please ring Grace in 北京 now";
    let inputs = [
        PredictInput::pair("where is it", "well 👍🏽 please ring Ada in Oslo now"),
        PredictInput::pair("where is it", long),
        PredictInput::pair("where is it", "please ring Linus now"),
        PredictInput::text("where is it"),
    ];
    let found = predictor.predict(&inputs, &[]).unwrap();
    let first = found[0].answer("answer").unwrap();
    // The emoji is two characters of eight bytes.
    assert_eq!(
        (first.text.as_str(), first.start, first.end),
        ("Oslo", 27, 31)
    );
    let second = found[1].answer("answer").unwrap();
    assert_eq!(second.text, "北京");
    let slice: String = long
        .chars()
        .skip(second.start)
        .take(second.end - second.start)
        .collect();
    assert_eq!(slice, second.text);
    assert!(found[2].answer("answer").is_none() && found[2].get("answer").is_some());
    assert!(found[3].get("answer").is_none() && found[3].label("kind").is_some());
    let refused = predictor.predict(&inputs, &[task("answer")]).unwrap_err();
    assert!(
        matches!(refused, ModelError::NeedsPair { input: 3, .. }),
        "{refused}"
    );

    // Alone or among others.
    let alone = predictor.predict(&inputs[1..2], &[]).unwrap();
    let score = |found: &mtnet_model::Prediction| found.answer("answer").unwrap().score;
    assert!((score(&alone[0]) - score(&found[1])).abs() < 1e-5);

    // Scored again by the model alone, as `mtnet eval` does.
    let registry = mtnet_heads::HeadRegistry::default();
    let run = bench.load(&[]);
    let folder = predictor.folder();
    let corpus = mtnet_train::trainer::read_corpus(&run, Split::Test, folder, &registry).unwrap();
    let again = mtnet_train::trainer::evaluate(&folder.model, &corpus, 512).unwrap();
    assert!((again[&task("answer")]["answer_f1"] - scores["answer_f1"]).abs() < 1e-9);
}

#[test]
fn every_setting_that_reads_losses_or_scores_takes_them() {
    let bench = bench();
    let common = ["train.max_steps=6", "train.eval_strategy=no"];
    let mut seen = Vec::new();
    for (name, settings) in [
        ("plain", &[][..]),
        ("r-drop", &["train.r_drop=1.0"]),
        ("fgm", &["adversarial.method=fgm"]),
        ("smart", &["adversarial.method=smart"]),
        ("vat", &["adversarial.method=vat"]),
        ("gradients", &["balance.method=upgrad"]),
        (
            "parameters",
            &["balance.method=pcgrad", "balance.at=parameters"],
        ),
        ("weights", &["balance.method=uncertainty"]),
        (
            "r-drop by gradients",
            &["train.r_drop=1.0", "balance.method=upgrad"],
        ),
    ] {
        let all: Vec<&str> = common.iter().chain(settings).copied().collect();
        let results = bench
            .train(name, &all)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let loss = results.test[&task("answer")]["loss"];
        assert!(loss.is_finite(), "{name}: {loss}");
        let weights = std::fs::read(bench.path(name).join("model/model.safetensors")).unwrap();
        assert!(!seen.contains(&weights), "{name} changes nothing");
        seen.push(weights);
    }
}

#[test]
fn what_means_nothing_to_such_a_task_is_refused_with_its_place() {
    for (from, to, expected) in [
        (
            "[\"answer\", \"answer_start\"]",
            "\"answer\"",
            "`task.answer.label` is [\"answer\"], expected two fields",
        ),
        (
            "label = [\"answer\"",
            "labels = [\"a\", \"b\"]\nlabel = [\"answer\"",
            "`task.answer.labels` is [\"a\", \"b\"], expected left out",
        ),
        (
            "label = [\"answer\"",
            "teacher = \"m\"\nlabel = [\"answer\"",
            "`task.answer.teacher` is \"m\", expected left out",
        ),
        ("overlap = 4", "overlapp = 4", "unknown field `overlapp`"),
    ] {
        let text = RUN.replacen(from, to, 1);
        let error = RunFile::parse(&text, "run.toml".as_ref(), &[]).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
