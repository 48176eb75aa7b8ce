//! Every setting that regularises trains, changes the weights, and survives stop and resume bit
//! for bit.

use mtnet_core::TaskName;
use mtnet_train::events::{Event, read_events};

use super::Bench;
use super::reproducibility::cut;

const MODEL: &str = "model/model.safetensors";

const COMMON: [&str; 6] = [
    "train.max_steps=20",
    "train.save_steps=5",
    "train.save_total_limit=100",
    "train.eval_strategy=steps",
    "train.eval_steps=4",
    "train.batch_tokens=96",
];

/// Each setting with what it cannot do without.
const SETTINGS: [(&str, &[&str]); 17] = [
    ("R-Drop", &["train.r_drop=1.0"]),
    (
        "R-Drop by gradients",
        &["train.r_drop=1.0", "balance.method=upgrad"],
    ),
    (
        "layer drop",
        &["encoder.layer_drop=0.5", "encoder.num_layers=3"],
    ),
    ("moving average", &["train.ema_decay=0.9"]),
    ("plain average", &["train.swa_start=0.1"]),
    ("unfreezing", &["train.unfreeze_steps=4"]),
    (
        "plateau",
        &[
            "train.plateau_patience=1",
            "train.plateau_factor=0.3",
            "train.learning_rate=1e-5",
        ],
    ),
    (
        "clipping by group",
        &["train.clip_by=group", "train.max_grad_norm=0.2"],
    ),
    ("adaptive clipping", &["train.adaptive_clipping=0.01"]),
    (
        "label smoothing",
        &[
            "task.intent.head={type=\"classification\", loss={type=\"cross-entropy\", label_smoothing=0.1}}",
        ],
    ),
    (
        "dropout",
        &[
            "encoder.embedding_dropout=0.3",
            "encoder.attention_dropout=0.2",
            "encoder.hidden_dropout=0.05",
            "task.intent.head={type=\"classification\", dropout=0.4}",
        ],
    ),
    ("fgm", &["adversarial.method=fgm"]),
    (
        "pgd by gradients",
        &["adversarial.method=pgd", "balance.method=upgrad"],
    ),
    ("freelb", &["adversarial.method=freelb"]),
    ("smart", &["adversarial.method=smart"]),
    (
        "vat",
        &[
            "adversarial.method=vat",
            "balance.method=equal",
            "balance.heads=raw",
        ],
    ),
    ("character noise", &["augment.character_noise=0.5"]),
];

#[test]
fn every_setting_changes_the_run_and_survives_a_resume() {
    let bench = Bench::new();
    bench.train("plain", &COMMON).unwrap();
    let plain = bench.read(&format!("plain/{MODEL}"));
    for (name, settings) in SETTINGS {
        let settings = [&COMMON[..], settings].concat();
        let _ = std::fs::remove_dir_all(bench.path("run"));
        let whole = bench.train("run", &settings);
        let whole = whole.unwrap_or_else(|error| panic!("{name}: {error}"));
        let weights = bench.read(&format!("run/{MODEL}"));
        assert!(weights != plain, "{name}: no effect");
        cut(&bench, "run", 10);
        let resumed = bench
            .resume("run", &settings)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (resumed.test, resumed.dev),
            (whole.test, whole.dev),
            "{name}"
        );
        assert!(
            bench.read(&format!("run/{MODEL}")) == weights,
            "{name}: other weights"
        );
    }
}

fn score(bench: &Bench, settings: &[&str]) -> [f64; 2] {
    let _ = std::fs::remove_dir_all(bench.path("run"));
    let results = bench.train("run", settings).unwrap();
    let of = |task: &str, metric: &str| results.test[&TaskName::new(task).unwrap()][metric];
    [of("intent", "accuracy"), of("slots", "entity_f1")]
}

#[test]
fn what_regularises_still_learns() {
    let bench = Bench::new();
    for (name, settings) in [
        ("R-Drop", &["train.r_drop=1.0"][..]),
        (
            "layer drop",
            &["encoder.layer_drop=0.2", "encoder.num_layers=2"],
        ),
        ("moving average", &["train.ema_decay=0.9"]),
        ("plain average", &["train.swa_start=0.6"]),
        ("clipping by group", &["train.clip_by=group"]),
        ("adaptive clipping", &["train.adaptive_clipping=0.05"]),
        (
            "fgm",
            &["adversarial.method=fgm", "adversarial.epsilon=0.2"],
        ),
        (
            "pgd",
            &[
                "adversarial.method=pgd",
                "adversarial.epsilon=0.2",
                "adversarial.step_size=0.1",
            ],
        ),
        ("freelb", &["adversarial.method=freelb"]),
        ("smart", &["adversarial.method=smart"]),
        (
            "vat",
            &["adversarial.method=vat", "adversarial.epsilon=0.2"],
        ),
        (
            "vat for one task",
            &[
                "adversarial.method=vat",
                "adversarial.epsilon=0.2",
                "task.slots.adversarial=false",
            ],
        ),
        (
            "character noise",
            &["augment.character_noise=0.2", "train.epochs=3"],
        ),
    ] {
        let found = score(&bench, settings);
        assert!(found.iter().all(|&score| score > 0.9), "{name}: {found:?}");
    }
}

#[test]
fn layers_wait_for_their_step() {
    let bench = Bench::new();
    let settings = [
        "train.max_steps=9",
        "train.unfreeze_steps=3",
        "train.save_steps=1",
        "train.save_total_limit=100",
        "train.eval_strategy=no",
        "train.lr_scheduler_type=constant",
    ];
    bench.train("run", &settings).unwrap();
    let tensor = |step: u64, name: &str| {
        let path = bench.path(&format!("run/checkpoint-{step}/model.safetensors"));
        let tensors = candle_core::safetensors::load(path, &candle_core::Device::Cpu).unwrap();
        tensors[name]
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap()
    };
    // One layer: heads at once, the layer in the fourth step, the embeddings in the seventh.
    for (name, first) in [
        ("heads.intent.weight", 1),
        ("encoder.layer.0.output.dense.weight", 4),
        ("embeddings.word_embeddings.weight", 7),
    ] {
        for step in 2..=9 {
            let moved = tensor(step, name) != tensor(step - 1, name);
            assert_eq!(moved, step >= first, "{name} in step {step}");
        }
    }
}

#[test]
fn the_rate_falls_on_a_plateau() {
    let bench = Bench::new();
    let settings = [
        "train.learning_rate=1e-9",
        "train.lr_scheduler_type=constant",
        "train.plateau_patience=2",
        "train.plateau_factor=0.1",
        "train.max_steps=12",
        "train.logging_steps=1",
        "train.eval_strategy=steps",
        "train.eval_steps=2",
    ];
    bench.train("run", &settings).unwrap();
    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    let rates: Vec<f64> = events
        .into_iter()
        .filter_map(|event| match event {
            Event::Step(step) => Some(step.learning_rate),
            _ => None,
        })
        .collect();
    // The first evaluation is the best; the second after it finds the plateau, and so on.
    for (step, rate) in (1..).zip(rates) {
        let falls = [6, 10].iter().filter(|&&fell| step > fell).count() as i32;
        let expected = 1e-9 * 0.1f64.powi(falls);
        assert!((rate / expected - 1.0).abs() < 1e-9, "{step}: {rate}");
    }
}

#[test]
fn averaged_weights_are_the_ones_that_are_scored_and_kept() {
    let bench = Bench::new();
    let settings = [
        "train.max_steps=12",
        "train.save_steps=1",
        "train.save_total_limit=100",
        "train.eval_strategy=no",
        "train.swa_start=0.5",
    ];
    bench.train("run", &settings).unwrap();
    let load = |path: &str| {
        candle_core::safetensors::load(bench.path(path), &candle_core::Device::Cpu).unwrap()
    };
    let name = "heads.intent.weight";
    let values = |path: &str| {
        load(path)[name]
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap()
    };
    let kept = values("run/model/model.safetensors");
    let mut mean = vec![0.0; kept.len()];
    for step in 7..=12 {
        let weights = values(&format!("run/checkpoint-{step}/model.safetensors"));
        mean.iter_mut()
            .zip(weights)
            .for_each(|(sum, w)| *sum += w / 6.0);
    }
    for (kept, mean) in kept.iter().zip(&mean) {
        assert!((kept - mean).abs() < 1e-6, "{kept} {mean}");
    }
}

#[test]
fn settings_without_effect_are_refused() {
    let bench = Bench::new();
    let refusal = |settings: &[&str]| {
        let overrides: Vec<String> = settings.iter().map(|&text| text.to_owned()).collect();
        let path = bench.path("run.toml");
        let error = mtnet_train::run_file::RunFile::load(&path, &overrides);
        error.expect_err("refused").to_string()
    };
    for (settings, part) in [
        (&["train.r_drop=0.0"][..], "train.r_drop"),
        (&["train.ema_decay=0.9", "train.swa_start=0.5"], "not both"),
        (&["train.ema_decay=1.0"], "train.ema_decay"),
        (
            &["train.plateau_patience=2", "train.eval_strategy=no"],
            "plateau_patience",
        ),
        (&["train.unfreeze_steps=0"], "at least 1"),
        (&["train.adaptive_clipping=-1.0"], "adaptive_clipping"),
        (
            &["adversarial.method=fgm", "adversarial.steps=3"],
            "`pgd` takes several",
        ),
        (
            &["adversarial.method=pgd", "adversarial.epsilon=0.0"],
            "above 0",
        ),
        (&["adversarial.method=fmg"], "fgm"),
        (&["task.slots.adversarial=true"], "[adversarial]"),
        (&["augment.character_noise=1.5"], "at most 1"),
        (
            &["augment.character_noise=0.5", "augment.edits=[]"],
            "at least one change",
        ),
        (&["monitor.dominance=1.5"], "monitor.dominance"),
        (&["monitor.spike=3"], "monitor.spike"),
        (&["encoder.layer_drop=1.0"], "layer_drop"),
    ] {
        let text = refusal(settings);
        assert!(text.contains(part), "{settings:?}: {text}");
    }
}
