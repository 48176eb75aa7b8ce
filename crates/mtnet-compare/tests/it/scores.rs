//! Gains and their directions.

use mtnet_compare::TaskScores;
use mtnet_core::{Target, TaskName};
use mtnet_heads::{Answer, HeadRegistry, TaskHead, TaskSpec};

fn head(kind: &str, labels: &[&str]) -> Box<dyn TaskHead> {
    let name = TaskName::new("x").expect("a name");
    let spec = TaskSpec::new(name, kind.parse().expect("a head"), labels.iter().copied());
    let store = candle_nn::VarMap::new();
    let builder = candle_nn::VarBuilder::from_varmap(
        &store,
        candle_core::DType::F32,
        &candle_core::Device::Cpu,
    );
    HeadRegistry::default()
        .build(&spec, 4, builder)
        .expect("a head")
}

#[test]
fn a_falling_error_is_a_gain() {
    let (task, head) = (
        TaskName::new("x").unwrap(),
        head("classification", &["a", "b"]),
    );
    let labels = ["a".to_owned(), "b".to_owned()];
    let (zero, one) = (Target::Class(0), Target::Class(1));
    let targets = [&zero, &one];
    let scores = |metric| TaskScores {
        task: &task,
        head: head.as_ref(),
        labels: &labels,
        targets: &targets,
        metric,
        higher_is_better: TaskScores::higher_is_better(metric),
    };
    let (up, down) = (scores("accuracy"), scores("log_loss"));
    assert_eq!(
        (up.gain(0.75, 0.5), up.relative_gain(0.75, 0.5)),
        (0.25, 50.0)
    );
    assert_eq!(
        (down.gain(0.75, 0.5), down.relative_gain(0.75, 0.5)),
        (-0.25, -50.0)
    );
    assert!(up.relative_gain(0.5, 0.0).is_nan());
    let answer = |label: u32| Answer::Class {
        label,
        probabilities: vec![0.5, 0.5],
    };
    assert_eq!(up.score(&[answer(0), answer(0)]).unwrap(), 0.5);
    assert!(
        up.score(&[answer(0)])
            .unwrap_err()
            .to_string()
            .contains("task `x`")
    );
}
