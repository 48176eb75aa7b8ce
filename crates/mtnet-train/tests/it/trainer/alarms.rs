//! Planted sicknesses are told, each by the right alarm within 50 steps.

use std::fs;

use mtnet_core::{RandomStream, TargetKind, TaskName};
use mtnet_heads::{ClassificationConfig, ClassificationHead, HeadRegistry};
use mtnet_train::events::{AlarmEvent, AlarmKind, Event, read_events};
use mtnet_train::trainer::{Quiet, TrainOptions, train};

use super::Bench;
use crate::figure;

/// All alarms of a run of 50 steps.
pub(super) fn alarms(bench: &Bench, settings: &[&str]) -> Vec<AlarmEvent> {
    let common = ["train.max_steps=50", "train.lr_scheduler_type=constant"];
    let settings = [&common[..], settings].concat();
    // A run that diverges has its alarms in the record.
    if let Err(error) = bench.train("run", &settings) {
        let diverged = matches!(error, mtnet_train::trainer::TrainError::Diverged { .. });
        assert!(diverged, "{error}");
    }
    recorded(bench)
}

fn recorded(bench: &Bench) -> Vec<AlarmEvent> {
    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    let alarms = events.into_iter().filter_map(|event| match event {
        Event::Alarm(alarm) => Some(alarm),
        _ => None,
    });
    alarms.collect()
}

#[track_caller]
fn told(sickness: &str, alarms: &[AlarmEvent], kinds: &[AlarmKind]) {
    let found = alarms.iter().find(|alarm| kinds.contains(&alarm.kind));
    let found = found.unwrap_or_else(|| panic!("{sickness}: {alarms:#?}"));
    assert!(found.step <= 50, "{sickness}: {found:?}");
    let text = format!("{sickness}: {:?} in step {}", found.kind, found.step);
    figure("R19", &text);
    // A sentence with a remedy.
    assert!(
        found.message.len() > 60 && found.message.contains([';', ':']),
        "{found:?}"
    );
}

/// Writes every split anew from its lines.
pub(super) fn rewrite(bench: &Bench, mut change: impl FnMut(usize, &mut serde_json::Value)) {
    for split in ["train", "dev", "test"] {
        let path = bench.path(&format!("{split}.jsonl"));
        let text = fs::read_to_string(&path).unwrap();
        let lines: String = text
            .lines()
            .enumerate()
            .map(|(index, line)| {
                let mut value = serde_json::from_str(line).unwrap();
                change(index, &mut value);
                format!("{value}\n")
            })
            .collect();
        fs::write(path, lines).unwrap();
    }
}

/// Adds a regression of `field` to the run.
pub(super) fn with_regression(bench: &Bench, field: &str) {
    let mut run = fs::read_to_string(bench.path("run.toml")).unwrap();
    run.push_str(&format!(
        "\n[[task]]\nname = \"amount\"\ndataset = \"requests\"\nhead = {{ type = \"regression\", shift = [0.0], scale = [1.0] }}\nlabel = \"{field}\"\n"
    ));
    fs::write(bench.path("run.toml"), run).unwrap();
}

/// A bench whose encoder is a published folder, one tensor of which was changed.
fn published(name: &str, change: impl Fn(&candle_core::Tensor) -> candle_core::Tensor) -> Bench {
    use candle_core::{Device, safetensors};
    let bench = Bench::new();
    let settings = [
        "train.max_steps=1",
        "encoder.activation=relu",
        "encoder.num_layers=2",
    ];
    bench.train("first", &settings).unwrap();
    let path = bench.path("first/model/model.safetensors");
    let mut tensors = safetensors::load(&path, &Device::Cpu).unwrap();
    let changed = change(&tensors[name]);
    tensors.insert(name.to_owned(), changed);
    safetensors::save(&tensors, &path).unwrap();
    let run = fs::read_to_string(bench.path("run.toml")).unwrap();
    let (start, end) = (
        run.find("preset").unwrap(),
        run.find("[tokenizer]").unwrap(),
    );
    let run = format!("{}from = \"first/model\"\n{}", &run[..start], &run[end..]);
    fs::write(bench.path("run.toml"), run).unwrap();
    bench
}

#[test]
fn r19_weights_that_start_far_too_large_or_small() {
    let bench = Bench::new();
    let mut registry = HeadRegistry::default();
    registry.register("loud", TargetKind::Label, |spec, _, hidden, vb| {
        let config = ClassificationConfig::default();
        let head = ClassificationHead::new(spec, &config, hidden, &vb)?;
        let weight = vb.get((spec.labels.len(), hidden), "weight")?;
        weight.slice_set(&(&weight * 100.0)?.copy()?, 0, 0)?;
        Ok(Box::new(head))
    });
    let run = bench.load(&["task.intent.head=loud", "train.max_steps=20"]);
    let options = TrainOptions {
        output: bench.path("run"),
        resume: false,
    };
    train(&run, &options, &registry, &mut Quiet).unwrap();
    let large = recorded(&bench);
    told(
        "initial weights times 100",
        &large,
        &[AlarmKind::InitialLoss],
    );
    assert!(
        large
            .iter()
            .any(|alarm| alarm.kind == AlarmKind::InitialLoss && alarm.step == 1)
    );
    let small = alarms(&Bench::new(), &["encoder.init_std=2e-6"]);
    told(
        "initial weights times 1e-4",
        &small,
        &[AlarmKind::UpdateRatio],
    );
}

#[test]
fn r19_a_rate_that_is_far_too_high() {
    let found = alarms(&Bench::new(), &["train.learning_rate=50.0"]);
    told(
        "rate times 1e4",
        &found,
        &[AlarmKind::UpdateRatio, AlarmKind::LossSpike],
    );
}

#[test]
fn r19_dead_units() {
    let name = "encoder.layer.0.intermediate.dense.bias";
    let bench = published(name, |bias| (bias - 100.0).unwrap());
    let found = alarms(&bench, &[]);
    told("dead units", &found, &[AlarmKind::DeadUnits]);
    assert!(
        found
            .iter()
            .any(|alarm| alarm.place.as_deref() == Some(name)),
        "{found:#?}"
    );
}

#[test]
fn r19_a_layer_that_is_frozen_by_mistake() {
    let settings = ["train.layerwise_decay=1e-12", "encoder.num_layers=3"];
    let found = alarms(&Bench::new(), &settings);
    told("frozen layer", &found, &[AlarmKind::UnchangedParameter]);
    let unchanged = found
        .iter()
        .find(|a| a.kind == AlarmKind::UnchangedParameter);
    assert_eq!(unchanged.unwrap().place.as_deref(), Some("embeddings"));
}

#[test]
fn r19_shuffled_labels() {
    let bench = Bench::new();
    let mut stream = RandomStream::new(1);
    rewrite(&bench, |_, value| {
        value["intent"] = ["travel", "call"][stream.below(2) as usize].into();
    });
    let found = alarms(&bench, &["train.learning_rate=1e-3"]);
    told("shuffled labels", &found, &[AlarmKind::NoLearning]);
    assert!(
        found
            .iter()
            .all(|a| a.task.as_ref().is_none_or(|t| t.as_str() == "intent"))
    );
}

#[test]
fn r19_a_loss_of_another_scale() {
    let settings = [
        "balance.method=fixed",
        "balance.weights={intent=1e6, slots=1.0}",
    ];
    let found = alarms(&Bench::new(), &settings);
    told(
        "one task's loss times 1e6",
        &found,
        &[AlarmKind::TaskDominates],
    );
}

#[test]
fn r19_texts_without_content() {
    let bench = Bench::new();
    let run = fs::read_to_string(bench.path("run.toml")).unwrap();
    let (start, _) = run
        .split_once("[[task]]\n            name = \"slots\"")
        .unwrap();
    let start = start.replace("tokens = \"tokens\"", "text = \"text\"");
    fs::write(bench.path("run.toml"), start).unwrap();
    rewrite(&bench, |index, value| {
        value["text"] = ["a", "b"][usize::from(index == 0)].into();
    });
    let found = alarms(&bench, &[]);
    told("padding only", &found, &[AlarmKind::EmptyInput]);
}

#[test]
fn r19_targets_that_overflow() {
    let bench = Bench::new();
    with_regression(&bench, "amount");
    rewrite(&bench, |_, value| value["amount"] = 1e30.into());
    let found = alarms(&bench, &[]);
    told("targets of 1e30", &found, &[AlarmKind::NonFiniteLoss]);
    assert_eq!(found[0].step, 0, "in the first step");
    assert_eq!(found[0].task.as_ref().unwrap().as_str(), "amount");
}

#[test]
fn r19_an_outlier_among_the_targets() {
    let bench = Bench::new();
    with_regression(&bench, "amount");
    let mut stream = RandomStream::new(2);
    rewrite(&bench, |index, value| {
        let usual = stream.uniform_f64();
        value["amount"] = if index == 200 { 1e5 } else { usual }.into();
    });
    // A seed whose order puts it behind enough steps to know what is usual.
    let amount = TaskName::new("amount").unwrap();
    for seed in 1..20 {
        let _ = fs::remove_dir_all(bench.path("run"));
        let seed = format!("run.seed={seed}");
        let settings = ["train.batch_tokens=48", "train.logging_steps=1", &seed];
        let found = alarms(&bench, &settings);
        let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
        let outlier = events.iter().find_map(|event| match event {
            Event::Step(step) if step.task_losses[&amount] > 1e6 => Some(step.step),
            _ => None,
        });
        if let Some(step) = outlier.filter(|&step| step > 15) {
            let kinds = [AlarmKind::ExplodingGradient, AlarmKind::LossSpike];
            told("an outlier", &found, &kinds);
            let exploding = found
                .iter()
                .find(|a| a.kind == AlarmKind::ExplodingGradient);
            assert_eq!(exploding.map(|alarm| alarm.step), Some(step), "{found:#?}");
            return;
        }
    }
    panic!("no order had it late");
}

#[test]
fn r19_a_gradient_that_vanishes_on_its_way_down() {
    let name = "encoder.layer.1.output.LayerNorm.weight";
    let bench = published(name, |weight| (weight * 1e-9).unwrap());
    let settings = ["train.optimizer=sgd", "train.learning_rate=1e-6"];
    let found = alarms(&bench, &settings);
    told(
        "vanishing gradient",
        &found,
        &[AlarmKind::VanishingGradient],
    );
}

#[test]
fn r19_a_task_that_overfits() {
    let bench = Bench::new();
    let mut stream = RandomStream::new(3);
    // Words that say nothing, and labels that can only be learned by heart.
    rewrite(&bench, |_, value| {
        let words: Vec<String> = (0..8)
            .map(|_| char::from(b'a' + stream.below(26) as u8).to_string())
            .collect();
        value["tokens"] = words.into();
        let first = std::iter::once("B-place");
        let tags: Vec<&str> = first.chain(std::iter::repeat_n("O", 7)).collect();
        value["tags"] = tags.into();
        value["intent"] = ["travel", "call"][stream.below(2) as usize].into();
    });
    let text = fs::read_to_string(bench.path("train.jsonl")).unwrap();
    let few: String = text
        .lines()
        .take(24)
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(bench.path("train.jsonl"), few).unwrap();
    let settings = [
        "train.eval_strategy=steps",
        "train.eval_steps=4",
        "train.learning_rate=3e-3",
        "encoder.hidden_dropout=0",
        "train.lr_scheduler_type=constant",
    ];
    let found = alarms(&bench, &settings);
    told("overfit", &found, &[AlarmKind::Overfit]);
}
