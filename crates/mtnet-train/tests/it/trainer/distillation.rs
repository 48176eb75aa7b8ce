//! Tasks that learn from teachers: what they take over, and what is refused.

use std::path::Path;

use mtnet_core::{InputText, Segment, TaskName};
use mtnet_heads::HeadRegistry;
use mtnet_model::Predictor;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Quiet, RunResults, TrainError, TrainOptions, train};
use serde_json::{Value, json};

use super::Bench;
use super::reproducibility::cut;

const MODEL: &str = "model/model.safetensors";

/// The last weights, whatever the development data says of them.
const LAST: [&str; 2] = ["train.epochs=4", "train.eval_strategy=no"];

const FURTHER: &str = r#"
    [[task]]
    name = "topics"
    dataset = "requests"
    head = "multi-label"
    label = "topics"

    [[task]]
    name = "price"
    dataset = "requests"
    head = "regression"
    label = ["price", "days"]
"#;

/// The bench with two more tasks, so that every kind of head has one.
fn bench() -> Bench {
    let bench = Bench::new();
    for split in ["train", "dev", "test"] {
        rewrite(&bench.path(&format!("{split}.jsonl")), |example| {
            let text = example["tokens"].to_string();
            let has = |word: &str| text.contains(word);
            let mut topics = vec![if has("fly") { "trip" } else { "phone" }];
            topics.extend(has("Oslo").then_some("north"));
            example["topics"] = json!(topics);
            example["price"] = json!(if has("fly") { 500.0 } else { 20.0 });
            example["days"] = match has("Rome") {
                true => Value::Null,
                false => json!(if has("Lima") { 9.0 } else { 3.0 }),
            };
        });
    }
    let run = std::fs::read_to_string(bench.path("run.toml")).unwrap();
    std::fs::write(bench.path("four.toml"), format!("{run}{FURTHER}")).unwrap();
    bench
}

fn rewrite(path: &Path, change: impl Fn(&mut Value)) {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| {
        let mut example: Value = serde_json::from_str(line).unwrap();
        change(&mut example);
        example.to_string() + "\n"
    });
    std::fs::write(path, lines.collect::<String>()).unwrap();
}

/// Training data in which everything is answered the other way round.
fn write_wrong_data(bench: &Bench) {
    std::fs::copy(bench.path("train.jsonl"), bench.path("wrong.jsonl")).unwrap();
    rewrite(&bench.path("wrong.jsonl"), |example| {
        let other = |text: &str| match text {
            "travel" => "call",
            "call" => "travel",
            "B-place" => "B-person",
            "B-person" => "B-place",
            _ => "O",
        };
        example["intent"] = json!(other(example["intent"].as_str().unwrap()));
        let tags = example["tags"].as_array().unwrap();
        let tags: Vec<&str> = tags
            .iter()
            .map(|tag| other(tag.as_str().unwrap()))
            .collect();
        example["tags"] = json!(tags);
    });
}

fn run_file(
    bench: &Bench,
    file: &str,
    output: &str,
    resume: bool,
    overrides: &[&str],
) -> Result<RunResults, TrainError> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    let options = TrainOptions {
        output: bench.path(output),
        resume,
    };
    let run = RunFile::load(&bench.path(file), &overrides)?;
    train(&run, &options, &HeadRegistry::default(), &mut Quiet)
}

fn accuracies(results: &RunResults) -> [f64; 2] {
    let of = |task: &str, metric: &str| results.test[&TaskName::new(task).unwrap()][metric];
    [of("intent", "accuracy"), of("slots", "token_accuracy")]
}

const TAUGHT: [&str; 2] = [
    "task.intent.teacher=teacher/model",
    "task.slots.teacher=teacher/model",
];

#[test]
fn a_student_takes_over_what_its_teacher_says_and_not_what_the_labels_say() {
    let bench = Bench::new();
    write_wrong_data(&bench);
    let wrong = ["dataset.requests.train=wrong.jsonl"];
    let teacher = bench.train("teacher", &[&LAST[..], &wrong].concat());
    let [intent, slots] = accuracies(&teacher.unwrap());
    assert!(intent < 0.1 && slots < 0.8, "{intent} {slots}");

    let taught = |output: &str, settings: &[&str]| {
        let settings = [&LAST[..], &TAUGHT, &["run.seed=8"], settings].concat();
        accuracies(&bench.train(output, &settings).unwrap())
    };
    // The labels are right; the teacher alone is heard, and it is wrong.
    let [intent, slots] = taught("deaf", &["distillation.weight=1"]);
    assert!(intent < 0.1 && slots < 0.8, "{intent} {slots}");
    // In the end the labels have the word.
    let annealed = [
        "distillation.annealing=teacher",
        "train.epochs=10",
        "train.lr_scheduler_type=constant",
    ];
    let [intent, slots] = taught("annealed", &annealed);
    assert!(intent > 0.9 && slots > 0.9, "{intent} {slots}");
}

#[test]
fn scores_come_close_to_those_of_the_teacher() {
    let bench = Bench::new();
    bench.train("teacher", &LAST).unwrap();
    let settings = [&LAST[..], &["run.seed=8", "train.epochs=10"]].concat();
    bench.train("plain", &settings).unwrap();
    let weight = ["distillation.weight=1", "distillation.temperature=4"];
    let distilled = [&settings[..], &TAUGHT, &weight].concat();
    bench.train("distilled", &distilled).unwrap();

    let data = std::fs::read_to_string(bench.path("dev.jsonl")).unwrap();
    let inputs: Vec<InputText> = data
        .lines()
        .map(|line| {
            let example: Value = serde_json::from_str(line).unwrap();
            let words = example["tokens"].as_array().unwrap();
            let words: Vec<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
            InputText::Single(Segment::from_words(&words, " "))
        })
        .collect();
    let texts: Vec<&InputText> = inputs.iter().collect();
    // Softmax forgets what is added to all scores, so differences between them are compared.
    let scores = |name: &str, task: &str, columns: usize| -> Vec<f32> {
        let folder = bench.path(&format!("{name}/model"));
        let predictor = Predictor::open(&folder, &candle_core::Device::Cpu).unwrap();
        let scores = predictor
            .scores(&texts, &TaskName::new(task).unwrap())
            .unwrap();
        let rows = scores.iter().flat_map(|rows| rows.chunks_exact(columns));
        rows.flat_map(|row| row.iter().map(|score| score - row[0]))
            .collect()
    };
    for (task, columns) in [("intent", 2), ("slots", 5)] {
        let teacher = scores("teacher", task, columns);
        let apart = |name: &str| -> f32 {
            let pairs = scores(name, task, columns);
            let squares = pairs.iter().zip(&teacher).map(|(a, b)| (a - b).powi(2));
            (squares.sum::<f32>() / teacher.len() as f32).sqrt()
        };
        let (plain, distilled) = (apart("plain"), apart("distilled"));
        assert!(distilled < 0.5 * plain, "{task}: {distilled} {plain}");
    }
}

#[test]
fn labels_in_another_order_are_matched_by_name() {
    let bench = Bench::new();
    let other = [
        r#"task.intent.labels=["travel", "call"]"#,
        r#"task.slots.labels=["B-place", "O", "I-person", "B-person", "I-place"]"#,
    ];
    let teacher = bench.train("teacher", &[&LAST[..], &other].concat());
    let [intent, slots] = accuracies(&teacher.unwrap());
    assert!(intent > 0.9 && slots > 0.9, "{intent} {slots}");
    let settings = [&LAST[..], &TAUGHT, &["distillation.weight=1"]].concat();
    let [intent, slots] = accuracies(&bench.train("student", &settings).unwrap());
    assert!(intent > 0.9 && slots > 0.9, "{intent} {slots}");
}

/// Every way that a batch can take to the gradient.
const WAYS: [(&str, &[&str]); 6] = [
    ("losses", &["train.gradient_accumulation_steps=2"]),
    (
        "gradients",
        &[
            "balance.method=upgrad",
            "train.gradient_accumulation_steps=2",
        ],
    ),
    ("losses after the step", &["balance.method=famo"]),
    ("R-Drop", &["train.r_drop=1.0"]),
    ("perturbed texts alone", &["adversarial.method=freelb"]),
    (
        "noisy copies",
        &["augment.character_noise=0.5", "train.batch_size=12"],
    ),
];

#[test]
fn every_kind_of_head_learns_from_a_teacher_and_goes_on_bit_for_bit() {
    let bench = bench();
    run_file(&bench, "four.toml", "teacher", false, &["train.epochs=2"]).unwrap();
    let common = [
        "train.max_steps=12",
        "train.save_steps=4",
        "train.save_total_limit=100",
        "run.seed=8",
    ];
    let teachers = ["intent", "slots", "topics", "price"]
        .map(|task| format!("task.{task}.teacher=teacher/model"));
    for (name, way) in WAYS {
        let _ = std::fs::remove_dir_all(bench.path("plain"));
        let plain = [&common[..], way].concat();
        run_file(&bench, "four.toml", "plain", false, &plain).unwrap();
        let plain_weights = bench.read(&format!("plain/{MODEL}"));
        // Each teacher alone changes the weights.
        for teacher in &teachers {
            let _ = std::fs::remove_dir_all(bench.path("run"));
            let one = [&plain[..], &[teacher]].concat();
            run_file(&bench, "four.toml", "run", false, &one).unwrap();
            let weights = bench.read(&format!("run/{MODEL}"));
            assert!(weights != plain_weights, "{name}, {teacher}: no effect");
        }
        let _ = std::fs::remove_dir_all(bench.path("run"));
        let mut all = plain.clone();
        all.extend(teachers.iter().map(String::as_str));
        all.push("distillation.annealing=teacher");
        let whole = run_file(&bench, "four.toml", "run", false, &all).unwrap();
        let weights = bench.read(&format!("run/{MODEL}"));
        cut(&bench, "run", 4);
        let resumed = run_file(&bench, "four.toml", "run", true, &all).unwrap();
        assert_eq!(resumed.test, whole.test, "{name}");
        assert!(
            bench.read(&format!("run/{MODEL}")) == weights,
            "{name}: other weights"
        );
    }
}

#[test]
fn kept_scores_are_used_again_and_stale_ones_noticed() {
    let bench = Bench::new();
    bench.train("teacher", &LAST).unwrap();
    let settings = [
        &TAUGHT[..],
        &[
            "train.max_steps=8",
            "train.save_steps=4",
            "train.save_total_limit=9",
        ],
    ]
    .concat();
    bench.train("run", &settings).unwrap();
    let weights = bench.read(&format!("run/{MODEL}"));
    let kept = bench.path("run/teachers/intent.safetensors");
    let changed = || std::fs::metadata(&kept).unwrap().modified().unwrap();
    let bytes = std::fs::read(&kept).unwrap();
    let before = changed();
    cut(&bench, "run", 4);
    bench.resume("run", &settings).unwrap();
    assert_eq!(changed(), before, "computed again");

    // A damaged file is made again, and gives the same.
    std::fs::write(&kept, &bytes[..bytes.len() / 2]).unwrap();
    cut(&bench, "run", 4);
    bench.resume("run", &settings).unwrap();
    assert!(
        std::fs::read(&kept).unwrap() == bytes && bench.read(&format!("run/{MODEL}")) == weights
    );

    // Another teacher in the same place is noticed, as often as one tries.
    std::fs::rename(bench.path("teacher"), bench.path("first")).unwrap();
    bench
        .train("teacher", &[&LAST[..], &["run.seed=9"]].concat())
        .unwrap();
    cut(&bench, "run", 4);
    for _ in 0..2 {
        let error = bench.resume("run", &settings).unwrap_err().to_string();
        assert!(error.contains("changed since the run began"), "{error}");
    }
    // A run that begins has nothing to keep to.
    let fresh = bench.path("fresh/teachers");
    std::fs::create_dir_all(&fresh).unwrap();
    std::fs::write(fresh.join("intent.safetensors"), &bytes).unwrap();
    bench.train("fresh", &settings).unwrap();
    assert!(std::fs::read(fresh.join("intent.safetensors")).unwrap() != bytes);
    // The first teacher is back: the run goes on to the same end.
    std::fs::remove_dir_all(bench.path("teacher")).unwrap();
    std::fs::rename(bench.path("first"), bench.path("teacher")).unwrap();
    bench.resume("run", &settings).unwrap();
    assert!(bench.read(&format!("run/{MODEL}")) == weights);
}

#[test]
fn a_teacher_that_cannot_teach_is_refused_before_the_first_step() {
    let bench = bench();
    let teachers = [
        "task.price.label=price",
        r#"task.topics.labels=["trip", "phone", "north", "south"]"#,
        "train.max_steps=1",
    ];
    run_file(&bench, "four.toml", "teacher", false, &teachers).unwrap();
    let refusal = |settings: &[&str]| {
        let refused = run_file(&bench, "four.toml", "run", false, settings);
        let message = refused.expect_err("refused").to_string();
        assert!(!bench.path("run/metrics.jsonl").exists(), "{message}");
        message
    };
    let text = refusal(&["task.price.teacher=teacher/model"]);
    assert!(
        text.contains("its numbers differ: it lacks `days`"),
        "{text}"
    );
    let text = refusal(&["task.topics.teacher=teacher/model"]);
    assert!(text.contains("the task lacks `south`"), "{text}");

    // The name of a task is what it is found by, whatever else it is.
    let path = bench.path("teacher/model/tasks.json");
    let tasks = std::fs::read_to_string(&path).unwrap();
    assert!(tasks.contains("\"intent\""), "{tasks}");
    let other = bench.path("other.toml");
    let run = std::fs::read_to_string(bench.path("run.toml")).unwrap();
    std::fs::write(
        &other,
        run.replace(
            "\"intent\"\n            dataset",
            "\"intents\"\n            dataset",
        ),
    )
    .unwrap();
    run_file(&bench, "other.toml", "other", false, &["train.max_steps=1"]).unwrap();
    let text = refusal(&["task.intent.teacher=other/model"]);
    assert!(
        text.contains("no such task, only `intents`, `slots`; did you mean `intents`?"),
        "{text}"
    );
    let number = run.replace("label = \"intent\"", "label = \"price\"");
    let number = number.replace("head = \"classification\"", "head = \"regression\"");
    std::fs::write(&other, number).unwrap();
    let settings = ["train.max_steps=1"];
    run_file(&bench, "other.toml", "number", false, &settings).unwrap();
    let text = refusal(&["task.intent.teacher=number/model"]);
    assert!(
        text.contains("answers with numbers, the task with one label a text"),
        "{text}"
    );

    let text = refusal(&["task.intent.teacher=nowhere"]);
    assert!(
        text.contains("nowhere") && text.contains("tasks.json"),
        "{text}"
    );
    let text = refusal(&["distillation.weight=0.5"]);
    assert!(text.contains("no task has a teacher"), "{text}");
    for (setting, expected) in [
        ("distillation.weight=1.5", "above 0, at most 1"),
        ("distillation.temperature=0", "above 0"),
        ("distillation.annealing=sometimes", "teacher"),
    ] {
        let text = refusal(&["task.intent.teacher=teacher/model", setting]);
        assert!(text.contains(expected), "{text}");
    }
    let both = ["distillation.weight=0.5", "distillation.annealing=teacher"];
    let text = refusal(&[&["task.intent.teacher=teacher/model"], &both[..]].concat());
    assert!(text.contains("one of `weight` and `annealing`"), "{text}");
    let missing = RunFile::load(
        &bench.path("run.toml"),
        &["task.intent.teacher=nowhere".to_owned()],
    );
    let text = missing.unwrap().check_files().unwrap_err().to_string();
    assert!(text.contains("task.intent.teacher"), "{text}");
}
