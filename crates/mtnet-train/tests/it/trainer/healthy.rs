//! Healthy runs raise no alarm, and every head learns what can be learned.

use std::fs;

use mtnet_core::{RandomStream, TaskName};
use mtnet_train::events::{Event, read_events};

use super::Bench;
use super::alarms::{alarms, rewrite, with_regression};
use crate::figure;

/// Encoders, rates, methods and schedules that learn these tasks. The quick tier takes each fourth.
const HEALTHY: [&[&str]; 20] = [
    &["train.learning_rate=5e-3"],
    &["train.learning_rate=1e-3", "balance.method=uncertainty"],
    &[
        "train.learning_rate=2e-3",
        "balance.method=dwa",
        "train.weight_decay=0.1",
    ],
    &[
        "train.learning_rate=1e-3",
        "train.warmup_ratio=0.1",
        "train.lr_scheduler_type=cosine",
    ],
    &["encoder.num_layers=3", "train.warmup_ratio=0.1"],
    &[
        "encoder.num_layers=6",
        "train.learning_rate=1e-3",
        "encoder.residual_scaled_init=true",
    ],
    &["encoder.num_layers=2", "encoder.init=xavier-uniform"],
    &[
        "encoder.num_layers=2",
        "encoder.init=orthogonal",
        "train.learning_rate=2e-3",
    ],
    &[
        "balance.method=upgrad",
        "train.gradient_accumulation_steps=2",
    ],
    &["balance.method=famo", "train.learning_rate=2e-3"],
    &["balance.method=imtl-l", "train.learning_rate=2e-3"],
    &["balance.method=rlw", "train.batch_tokens=64"],
    &["encoder.activation=relu", "train.batch_tokens=256"],
    &[
        "encoder.hidden_size=64",
        "train.learning_rate=3e-3",
        "train.batch_size=8",
    ],
    &["train.r_drop=1.0", "train.learning_rate=2e-3"],
    &[
        "adversarial.method=fgm",
        "adversarial.epsilon=0.2",
        "train.learning_rate=2e-3",
    ],
    &[
        "train.lr_scheduler_type=inverse_sqrt",
        "train.warmup_steps=20",
    ],
    &["train.ema_decay=0.95", "train.clip_by=group"],
    &["encoder.embedding_size=16", "encoder.window_radius=1"],
    &[
        "train.adaptive_clipping=0.05",
        "encoder.layer_drop=0.1",
        "encoder.num_layers=2",
    ],
];

#[test]
fn r19_healthy_runs_say_nothing() {
    let whole = std::env::var("MTNET_RELIABILITY").is_ok_and(|tier| tier == "full");
    let step = if whole { 1 } else { 4 };
    let mut runs = 0;
    for (seed, settings) in HEALTHY.iter().enumerate().step_by(step) {
        let seed = format!("run.seed={seed}");
        let common = [
            seed.as_str(),
            "train.max_steps=150",
            "train.lr_scheduler_type=linear",
        ];
        let settings = [&common[..], settings].concat();
        let found = alarms(&Bench::new(), &settings);
        assert!(found.is_empty(), "{settings:?}: {found:#?}");
        runs += 1;
    }
    figure(
        "R19",
        &format!("no alarm in {runs} healthy runs of 150 steps"),
    );
}

/// Every kind of head learns one batch by heart (the check that Karpathy 2019 and Lightning's
/// `overfit_batches` make).
#[test]
fn r20_every_head_learns_one_batch_by_heart() {
    let bench = Bench::new();
    with_regression(&bench, "amount");
    let mut run = fs::read_to_string(bench.path("run.toml")).unwrap();
    run.push_str(
        "\n[[task]]\nname = \"kinds\"\ndataset = \"requests\"\nhead = \"multi-label\"\nlabel = \"kinds\"\n",
    );
    fs::write(bench.path("run.toml"), run).unwrap();
    let mut stream = RandomStream::new(4);
    rewrite(&bench, |index, value| {
        value["amount"] = stream.uniform_f64().into();
        // Texts that differ: the same text with two answers cannot be learned.
        value["tokens"][0] = char::from(b'a' + (index % 26) as u8).to_string().into();
        let kinds: Vec<&str> = ["x", "y", "z"]
            .into_iter()
            .filter(|_| stream.below(2) == 1)
            .collect();
        value["kinds"] = kinds.into();
    });
    let text = fs::read_to_string(bench.path("train.jsonl")).unwrap();
    let few: String = text
        .lines()
        .take(8)
        .map(|line| format!("{line}\n"))
        .collect();
    for split in ["train", "dev", "test"] {
        fs::write(bench.path(&format!("{split}.jsonl")), &few).unwrap();
    }
    let settings = [
        "train.max_steps=200",
        "train.batch_tokens=1024",
        "train.eval_strategy=no",
        "train.lr_scheduler_type=constant",
        "encoder.hidden_dropout=0",
        "encoder.attention_dropout=0",
        "task.kinds.head={type=\"multi-label\", dropout=0.0}",
        "train.logging_steps=1",
        // A run without noise learns the batch far better than its usual norm.
        "monitor.enabled=false",
    ];
    let results = bench.train("run", &settings).unwrap();
    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    let first = events.iter().find_map(|event| match event {
        Event::Step(step) => Some(&step.task_losses),
        _ => None,
    });
    for (task, classes) in [("intent", 2f64), ("slots", 5.0), ("kinds", 2.0)] {
        let task = TaskName::new(task).unwrap();
        let ratio = first.unwrap()[&task] / classes.ln();
        assert!(
            (ratio - 1.0).abs() < 0.15,
            "{task} begins at {ratio} of ln C"
        );
        figure("R20", &format!("{task} begins at {ratio:.3} of ln C"));
    }
    for (task, metric) in [
        ("intent", "accuracy"),
        ("slots", "token_accuracy"),
        ("kinds", "micro_f1"),
    ] {
        let task = TaskName::new(task).unwrap();
        let found = results.test[&task][metric];
        assert!(found >= 0.99, "{task}: {found}, {results:?}");
        figure(
            "R20",
            &format!("{task} {metric} {found:.3} after 200 steps on one batch"),
        );
    }
    let task = TaskName::new("amount").unwrap();
    let found = results.test[&task]["loss"];
    assert!(found < 0.01, "amount: {found}");
}
