//! Values that are not finite: noticed in the step that they come in, told with task and place,
//! and never let into a weight.

use std::sync::{Arc, Mutex};

use candle_core::{Device, Tensor};
use mtnet_core::{Offsets, Target, TargetKind, TargetValues, TaskName};
use mtnet_heads::{
    Answer, ClassificationConfig, ClassificationHead, HeadError, HeadLoss, HeadRegistry, Reads,
    TaskHead,
};
use mtnet_kernels::Mode;
use mtnet_metrics::MetricSet;
use mtnet_train::events::{AlarmEvent, AlarmKind, Event, RunEndReason, StepEvent, read_events};
use mtnet_train::trainer::{Progress, RunResults, TrainError, TrainOptions, train};

use super::Bench;
use crate::figure;

/// What is put into a head's loss.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Loss(f32),
    /// The loss stays what it is, its gradient is NaN.
    Gradient,
    /// A number of the head's own weight, for every step from then on.
    Weight,
}

type Armed = Arc<Mutex<Option<Fault>>>;

/// A classifier that does wrong on demand.
#[derive(Debug)]
struct Faulty {
    head: ClassificationHead,
    weight: Tensor,
    armed: Armed,
}

impl TaskHead for Faulty {
    fn kind(&self) -> &'static str {
        "faulty"
    }

    fn reads(&self) -> Reads {
        self.head.reads()
    }

    fn target_kind(&self) -> TargetKind {
        self.head.target_kind()
    }

    fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor, HeadError> {
        if *self.armed.lock().unwrap() == Some(Fault::Weight) {
            let row = self.weight.get(0)?.affine(f64::NAN, 0.0)?.unsqueeze(0)?;
            self.weight.slice_set(&row, 0, 0)?;
        }
        self.head.forward(rows, mode)
    }

    fn loss(&self, scores: &Tensor, targets: &TargetValues) -> Result<HeadLoss, HeadError> {
        let loss = self.head.loss(scores, targets)?;
        let mean = match *self.armed.lock().unwrap() {
            Some(Fault::Loss(value)) => (loss.mean * f64::from(value))?,
            // Nothing times 1e60, whose slope is infinite in `f32`.
            Some(Fault::Gradient) => {
                let nothing = (scores - scores.detach())?.sum_all()?;
                (loss.mean + ((nothing * 1e30)? * 1e30)?)?
            }
            _ => loss.mean,
        };
        Ok(HeadLoss { mean, ..loss })
    }

    fn decode(&self, scores: &Tensor, words: Option<&Offsets>) -> Result<Vec<Answer>, HeadError> {
        self.head.decode(scores, words)
    }

    fn metrics(&self, answers: &[Answer], targets: &[&Target]) -> Result<MetricSet, HeadError> {
        self.head.metrics(answers, targets)
    }

    fn classes(&self) -> Option<usize> {
        self.head.classes()
    }
}

/// Arms a fault for the steps that it names, counted from 1.
struct Script {
    armed: Armed,
    fault: Fault,
    steps: Vec<u64>,
    messages: Vec<String>,
}

impl Progress for Script {
    fn step(&mut self, event: &StepEvent, _: u64) {
        let next = self.steps.contains(&(event.step + 1));
        *self.armed.lock().unwrap() = next.then_some(self.fault);
    }

    fn message(&mut self, text: &str) {
        if text.contains("going back") {
            *self.armed.lock().unwrap() = None;
        }
        self.messages.push(text.to_owned());
    }
}

/// Trains with a fault in the head of `intent` in some steps.
fn run(
    bench: &Bench,
    fault: Fault,
    steps: &[u64],
    settings: &[&str],
) -> (Result<RunResults, TrainError>, Vec<AlarmEvent>) {
    let common = [
        "task.intent.head=faulty",
        "train.max_steps=12",
        "train.logging_steps=1",
        "train.save_steps=1",
        "train.save_total_limit=100",
        "train.eval_strategy=no",
    ];
    let armed = Armed::default();
    let mut registry = HeadRegistry::default();
    let shared = Arc::clone(&armed);
    registry.register("faulty", TargetKind::Label, move |spec, _, hidden, vb| {
        let config = ClassificationConfig::default();
        let head = ClassificationHead::new(spec, &config, hidden, &vb)?;
        let weight = vb.get((spec.labels.len(), hidden), "weight")?;
        let armed = Arc::clone(&shared);
        Ok(Box::new(Faulty {
            head,
            weight,
            armed,
        }))
    });
    let options = TrainOptions {
        output: bench.path("run"),
        resume: false,
    };
    let mut script = Script {
        armed,
        fault,
        steps: steps.to_vec(),
        messages: Vec::new(),
    };
    let run = bench.load(&[&common[..], settings].concat());
    let result = train(&run, &options, &registry, &mut script);
    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    let alarms: Vec<AlarmEvent> = events
        .into_iter()
        .filter_map(|event| match event {
            Event::Alarm(alarm) => Some(alarm),
            _ => None,
        })
        .collect();
    for alarm in &alarms {
        assert!(script.messages.contains(&alarm.message), "{alarm:?}");
    }
    (result, alarms)
}

fn weights(bench: &Bench, step: u64) -> Vec<u8> {
    bench.read(&format!("run/checkpoint-{step}/model.safetensors"))
}

#[test]
fn r18_one_broken_step_is_left_out_and_names_its_task() {
    let intent = TaskName::new("intent").unwrap();
    let mut noticed = 0;
    for method in [
        &["balance.method=equal"][..],
        &["balance.method=uncertainty"],
        &["balance.method=upgrad"],
        &["balance.method=upgrad", "balance.at=representation"],
        &["train.gradient_accumulation_steps=2"],
    ] {
        for (fault, kind) in [
            (Fault::Loss(f32::NAN), AlarmKind::NonFiniteLoss),
            (Fault::Loss(f32::INFINITY), AlarmKind::NonFiniteLoss),
            (Fault::Gradient, AlarmKind::NonFiniteGradient),
        ] {
            let bench = Bench::new();
            // Every step is saved with its evaluation, those that are left out too.
            let evaluates = ["train.eval_strategy=steps", "train.eval_steps=1"];
            let settings = [&evaluates[..], method].concat();
            let (result, alarms) = run(&bench, fault, &[5], &settings);
            let what = format!("{method:?} {fault:?}");
            let results = result.unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(results.steps, 12, "{what}");
            assert_eq!(alarms.len(), 1, "{what}: {alarms:?}");
            let alarm = &alarms[0];
            assert_eq!((alarm.step, alarm.kind), (4, kind), "{what}");
            assert_eq!(alarm.task.as_ref(), Some(&intent), "{what}");
            assert!(alarm.message.contains("`intent`"), "{}", alarm.message);
            if kind == AlarmKind::NonFiniteGradient {
                let place = alarm.place.as_deref().unwrap_or_default();
                assert!(place.starts_with("heads.intent."), "{what}: {alarm:?}");
            } else {
                let value = match fault {
                    Fault::Loss(value) => value.to_string(),
                    _ => unreachable!("only losses come here"),
                };
                assert!(alarm.message.contains(&value), "{}", alarm.message);
            }
            // The line of the step that was left out has no sums of it.
            let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
            let line = events.iter().find_map(|event| match event {
                Event::Step(step) if step.step == 5 => Some(step),
                _ => None,
            });
            assert!(line.unwrap().task_losses.is_empty(), "{what}: {line:?}");
            assert!(weights(&bench, 4) == weights(&bench, 5), "{what}: moved");
            assert!(weights(&bench, 5) != weights(&bench, 6), "{what}: stuck");
            noticed += 1;
        }
    }
    let text = format!("{noticed} of {noticed} values noticed in their step, weights untouched");
    figure("R18", &text);
}

#[test]
fn r18_three_broken_steps_in_a_row_go_back_with_half_the_rate() {
    let bench = Bench::new();
    let settings = ["train.lr_scheduler_type=constant", "train.save_steps=4"];
    let (result, alarms) = run(&bench, Fault::Loss(f32::NAN), &[7, 8, 9], &settings);
    // The same steps come again and break again, until the run gives up.
    let error = result.unwrap_err();
    assert!(matches!(error, TrainError::Diverged { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("`intent`") && message.contains("2 returns"),
        "{message}"
    );
    let kinds: Vec<_> = alarms.iter().map(|alarm| alarm.kind).collect();
    let mut expected = vec![AlarmKind::NonFiniteLoss; 3];
    expected.push(AlarmKind::RolledBack);
    expected = [&expected[..], &expected, &expected[..3]].concat();
    assert_eq!(kinds, expected);
    assert!(
        alarms[3].message.contains("step 4 with 0.5"),
        "{:?}",
        alarms[3]
    );
    assert!(
        alarms[7].message.contains("step 4 with 0.25"),
        "{:?}",
        alarms[7]
    );
    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    let rates: Vec<f64> = events
        .iter()
        .filter_map(|event| match event {
            Event::Step(step) if step.step == 5 => Some(step.learning_rate),
            _ => None,
        })
        .collect();
    assert_eq!(rates, [5e-3, 2.5e-3, 1.25e-3]);
    let Some(Event::RunEnd(end)) = events.last() else {
        panic!("{:?}", events.last());
    };
    assert_eq!(end.reason, RunEndReason::Diverged);
}

#[test]
fn r18_a_run_that_broke_without_a_checkpoint_ends() {
    let bench = Bench::new();
    let settings = ["train.save_steps=50"];
    let (result, alarms) = run(&bench, Fault::Gradient, &[2, 3, 4], &settings);
    let message = result.unwrap_err().to_string();
    assert!(message.contains("no checkpoint to go back to"), "{message}");
    assert_eq!(alarms.len(), 3);
}

#[test]
fn r18_a_broken_weight_is_named_and_not_saved() {
    let bench = Bench::new();
    let (result, alarms) = run(&bench, Fault::Weight, &[6], &[]);
    let results = result.unwrap();
    assert_eq!(results.steps, 12);
    let alarm = &alarms[0];
    assert_eq!(alarm.kind, AlarmKind::NonFiniteWeight, "{alarms:?}");
    assert_eq!(alarm.place.as_deref(), Some("heads.intent.weight"));
    assert!(
        alarm.message.contains("layer `heads.intent`"),
        "{}",
        alarm.message
    );
    let back = alarms.last().unwrap();
    assert_eq!(back.kind, AlarmKind::RolledBack, "{alarms:?}");
    assert!(back.message.contains("step 5"), "{}", back.message);
}

#[test]
fn r18_a_published_encoder_with_a_broken_number_is_told_by_its_tensor() {
    let bench = Bench::new();
    bench.train("first", &["train.max_steps=2"]).unwrap();
    let path = bench.path("first/model/model.safetensors");
    let mut tensors = candle_core::safetensors::load(&path, &Device::Cpu).unwrap();
    let name = "encoder.layer.0.intermediate.dense.weight";
    let broken = (&tensors[name] / 0.0).unwrap();
    tensors.insert(name.to_owned(), broken);
    candle_core::safetensors::save(&tensors, &path).unwrap();
    let run = std::fs::read_to_string(bench.path("run.toml")).unwrap();
    let start = run.find("preset").unwrap();
    let end = run.find("[tokenizer]").unwrap();
    let run = format!("{}from = \"first/model\"\n{}", &run[..start], &run[end..]);
    std::fs::write(bench.path("run.toml"), run).unwrap();
    // It is refused before the first step.
    let message = bench
        .train("run", &["train.max_steps=9"])
        .unwrap_err()
        .to_string();
    assert!(
        message.contains(name) && message.contains("not finite"),
        "{message}"
    );
}
