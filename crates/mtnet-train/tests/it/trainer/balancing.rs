//! Balancing inside runs: every method trains and resumes, and the ways of taking gradients agree.

use mtnet_core::TaskName;
use mtnet_train::events::{AlarmKind, BalanceEvent, Event, read_events};
use mtnet_train::trainer::TrainError;

use super::Bench;

const MODEL: &str = "run/model/model.safetensors";

/// Every method of `[balance]`, with the settings that it cannot do without.
const METHODS: [(&str, &[&str]); 42] = [
    ("equal", &[]),
    (
        "fixed",
        &["balance.weights={intent=1.5, slots=0.5, kind=1.0}"],
    ),
    ("log-class", &[]),
    ("scale-invariant", &[]),
    ("geometric-mean", &[]),
    ("uncertainty", &[]),
    ("revised-uncertainty", &[]),
    ("uw-so", &[]),
    ("imtl-l", &[]),
    ("dwa", &[]),
    ("rlw", &[]),
    ("famo", &[]),
    ("stch", &["balance.mu=1.0"]),
    ("stch-log", &["balance.warmup_epochs=1"]),
    ("cosmos", &["balance.lambda=0.1"]),
    ("pbi", &[]),
    ("slaw", &[]),
    ("dtp", &[]),
    ("coba", &[]),
    ("constant-gradient", &[]),
    ("random-gradient", &[]),
    ("mgda", &[]),
    ("pcgrad", &[]),
    ("gradvac", &[]),
    ("cagrad", &[]),
    ("nash-mtl", &[]),
    ("fairgrad", &[]),
    ("imtl-g", &[]),
    ("aligned-mtl", &[]),
    ("upgrad", &[]),
    ("dualproj", &[]),
    ("config", &[]),
    ("krum", &["balance.byzantine=0"]),
    ("gradnorm", &[]),
    ("db-mtl", &[]),
    ("modo", &[]),
    ("sdmgrad", &[]),
    ("meta-balance", &["balance.target=intent"]),
    ("graddrop", &[]),
    ("trimmed-mean", &["balance.trim=1"]),
    ("excess-mtl", &[]),
    ("moco", &[]),
];

fn task(name: &str) -> TaskName {
    TaskName::new(name).unwrap()
}

/// Losses of every logged step and looks at gradients, without the clock.
fn log(bench: &Bench) -> Vec<String> {
    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    events
        .into_iter()
        .filter_map(|event| match event {
            Event::Step(step) => Some(format!(
                "{} {:?} {:?}",
                step.step, step.task_losses, step.grad_norm
            )),
            Event::Balance(event) => Some(format!("{event:?}")),
            _ => None,
        })
        .collect()
}

#[test]
fn every_method_learns_and_resumes_with_its_state() {
    let bench = Bench::new();
    // A third task, which Krum needs.
    let mut run = std::fs::read_to_string(bench.path("run.toml")).unwrap();
    run.push_str(
        "\n[[task]]\nname = \"kind\"\ndataset = \"requests\"\nhead = \"classification\"\nlabel = \"intent\"\n",
    );
    std::fs::write(bench.path("run.toml"), run).unwrap();
    for (method, settings) in METHODS {
        let method_setting = format!("balance.method={method}");
        let mut overrides = vec![
            method_setting.as_str(),
            "train.max_steps=16",
            "train.logging_steps=1",
            "train.gradient_stats_steps=3",
            "train.save_steps=4",
            "train.save_total_limit=100",
            "train.eval_strategy=steps",
            "train.eval_steps=8",
        ];
        overrides.extend(settings);
        let _ = std::fs::remove_dir_all(bench.path("run"));
        let whole = bench.train("run", &overrides);
        let whole = whole.unwrap_or_else(|error| panic!("{method}: {error}"));
        let majority = whole.majority[&task("intent")]["accuracy"];
        let found = whole.test[&task("intent")]["accuracy"];
        assert!(found > majority, "{method}: {found}, majority {majority}");
        let (weights, lines) = (bench.read(MODEL), log(&bench));
        super::reproducibility::cut(&bench, "run", 8);
        bench
            .resume("run", &overrides)
            .unwrap_or_else(|error| panic!("{method}: {error}"));
        assert!(
            bench.read(MODEL) == weights,
            "{method}: other weights after a resume"
        );
        assert_eq!(log(&bench), lines, "{method}: another log after a resume");
    }
}

/// The run with its tasks on two data sets, so that no text has targets of both.
fn apart(bench: &Bench) {
    let run = std::fs::read_to_string(bench.path("run.toml")).unwrap();
    let requests = run.find("[[dataset]]").unwrap()..run.find("[[task]]").unwrap();
    let second = run[requests.clone()].replace("\"requests\"", "\"others\"");
    let (first_task, second_task) = run[requests.end..]
        .split_once("[[task]]\n            name = \"slots\"")
        .unwrap();
    let second_task = second_task.replace("\"requests\"", "\"others\"");
    let text = format!(
        "{}{second}{first_task}[[task]]\n            name = \"slots\"{second_task}",
        &run[..requests.end]
    );
    std::fs::write(bench.path("run.toml"), text).unwrap();
}

fn intent_losses(bench: &Bench, output: &str) -> Vec<f64> {
    let events = read_events(&bench.path(output).join("metrics.jsonl")).unwrap();
    events
        .into_iter()
        .filter_map(|event| match event {
            Event::Step(step) => step.task_losses.get(&task("intent")).copied(),
            _ => None,
        })
        .collect()
}

#[test]
fn equal_weights_are_the_same_whichever_way_gradients_are_taken() {
    for together in [true, false] {
        let bench = Bench::new();
        if !together {
            apart(&bench);
        }
        let common = [
            "train.max_steps=10",
            "train.logging_steps=1",
            "train.batch_size=16",
            "task.intent.head={type=\"classification\", dropout=0.0}",
            "task.slots.head={type=\"token-classification\", dropout=0.0}",
            "encoder.hidden_dropout=0",
            "encoder.attention_dropout=0",
            "encoder.embedding_dropout=0",
            "train.eval_strategy=no",
        ];
        let losses = |output: &str, settings: &[&str]| {
            bench
                .train(output, &[&common[..], settings].concat())
                .unwrap();
            intent_losses(&bench, output)
        };
        let expected = losses("equal", &["balance.method=equal", "balance.heads=raw"]);
        let mut ways = vec![
            losses("tasks", &["balance.method=constant-gradient"]),
            losses(
                "tensors",
                &[
                    "balance.method=constant-gradient",
                    "balance.granularity=tensor",
                ],
            ),
            losses(
                "looked-at",
                &[
                    "balance.method=equal",
                    "balance.heads=raw",
                    "train.gradient_stats_steps=1",
                ],
            ),
        ];
        if together {
            ways.push(losses(
                "rows",
                &[
                    "balance.method=constant-gradient",
                    "balance.at=representation",
                ],
            ));
        }
        for way in ways {
            assert_eq!(way.len(), expected.len());
            for (found, expected) in way.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-4, "{way:?} but {expected:?}");
            }
        }
        let weighted = losses(
            "weighted",
            &["balance.method=equal", "balance.heads=weighted"],
        );
        assert!(weighted != expected, "heads get another gradient");
    }
}

#[test]
fn a_look_at_gradients_and_the_number_of_threads_change_no_bit() {
    let bench = Bench::new();
    apart(&bench);
    for method in ["balance.method=equal", "balance.method=upgrad"] {
        let weights = |name: &str, settings: &[&str]| {
            let output = format!("{name}-{method}");
            bench
                .train(
                    &output,
                    &[&["train.max_steps=8", method], settings].concat(),
                )
                .unwrap();
            bench.read(&format!("{output}/model/model.safetensors"))
        };
        let first = weights("a", &["train.threads=1", "train.gradient_stats_steps=0"]);
        let looked = [
            "train.threads=3",
            "train.gradient_stats_steps=1",
            "train.gradient_stats=layer",
        ];
        assert!(first == weights("b", &looked), "{method}");
    }
}

#[test]
fn granularity_and_wrappers_work_together_with_accumulation() {
    let bench = Bench::new();
    apart(&bench);
    for (index, settings) in [
        &["balance.granularity=layer", "balance.normalize=sum"][..],
        &["balance.granularity=tensor", "balance.wrap=[\"unit-norm\"]"],
        &["balance.wrap=[{refresh={every=3}}, {average={decay=0.5}}]"],
        &[
            "balance.wrap=[{warm-up={steps=5}}]",
            "balance.heads=weighted",
        ],
        &["train.gradient_accumulation_steps=3"],
    ]
    .into_iter()
    .enumerate()
    {
        let settings = [&["balance.method=upgrad", "train.epochs=2"], settings].concat();
        let results = bench.train(&format!("run{index}"), &settings);
        let results = results.unwrap_or_else(|error| panic!("{settings:?}: {error}"));
        let accuracy = results.test[&task("intent")]["accuracy"];
        assert!(accuracy > 0.9, "{settings:?}: {accuracy}");
    }
}

#[test]
fn the_log_says_how_gradients_get_on() {
    let bench = Bench::new();
    let settings = [
        "train.max_steps=12",
        "train.logging_steps=4",
        "train.gradient_stats_steps=2",
        "train.gradient_stats=layer",
        "balance.method=fixed",
        "balance.weights={intent=1.0, slots=0.0001}",
        // Which has more to say of such weights.
        "monitor.enabled=false",
    ];
    let results = bench.train("run", &settings).unwrap();
    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    let looks: Vec<&BalanceEvent> = events
        .iter()
        .filter_map(|event| match event {
            Event::Balance(event) => Some(event),
            _ => None,
        })
        .collect();
    assert_eq!(
        looks
            .iter()
            .map(|look| (look.step, look.summary.samples))
            .collect::<Vec<_>>(),
        [(1, 1), (4, 1), (8, 2), (12, 2)]
    );
    let summary = results.balance.unwrap();
    assert_eq!(summary.samples, 6);
    let intent = &summary.tasks[&task("intent")];
    assert!(
        intent.gradient_norm > 0.0 && intent.weight == Some(1.0),
        "{intent:?}"
    );
    assert!(intent.share.unwrap() > 0.99, "{intent:?}");
    assert_eq!(summary.pairs.len(), 1);
    assert!(summary.pairs[0].cosine.abs() <= 1.0);
    assert_eq!(
        summary
            .layers
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>(),
        ["embeddings", "layer1"]
    );

    let settings = [&settings[..], &["train.max_steps=40"]].concat();
    bench.train("long", &settings).unwrap();
    let events = read_events(&bench.path("long/metrics.jsonl")).unwrap();
    let alarms: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Alarm(alarm) => Some((alarm.kind, alarm.task.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(
        alarms,
        [(AlarmKind::TaskDominates, Some(task("intent")))],
        "once"
    );
}

#[test]
fn settings_that_cannot_be_together_are_refused() {
    let bench = Bench::new();
    let refusal = |settings: &[&str]| {
        let overrides: Vec<String> = settings.iter().map(|&text| text.to_owned()).collect();
        let path = bench.path("run.toml");
        let error = mtnet_train::run_file::RunFile::load(&path, &overrides);
        TrainError::from(error.expect_err("refused")).to_string()
    };
    let text = refusal(&["balance.method=equal", "balance.granularity=layer"]);
    assert!(text.contains("sees no parameters"), "{text}");
    apart(&bench);
    let text = refusal(&["balance.method=mgda", "balance.at=representation"]);
    assert!(text.contains("different data sets"), "{text}");
}

#[test]
fn affinity_is_measured_without_a_trace() {
    use mtnet_heads::HeadRegistry;
    use mtnet_train::trainer::{AffinityOptions, Quiet, measure_affinity};

    let bench = Bench::new();
    let options = AffinityOptions {
        steps: Some(12),
        every: 4,
    };
    let measure = |overrides: &[&str]| {
        measure_affinity(
            &bench.load(overrides),
            options,
            &HeadRegistry::default(),
            &mut Quiet,
        )
    };
    let before = std::fs::read_dir(bench.path(".")).unwrap().count();
    let report = measure(&[]).unwrap();
    assert_eq!(std::fs::read_dir(bench.path(".")).unwrap().count(), before);
    assert_eq!(report.measurements, 3);
    assert_eq!(report.tasks, [task("intent"), task("slots")]);
    // A step for a task lowers its own loss.
    for (index, row) in report.affinity.iter().enumerate() {
        let own = row[index].unwrap();
        assert!(own > 0.0, "{report:?}");
    }
    assert_eq!(report.groupings.len(), 2);
    assert_eq!(measure(&[]).unwrap(), report, "the same run twice");
}
