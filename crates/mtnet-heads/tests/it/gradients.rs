//! Gradients of every built-in head, with respect to its parameters and to the hidden rows that the
//! encoder learns from, against central differences (R20).

use candle_core::{Device, Result, Tensor, Var};
use mtnet_core::{IGNORED_TAG, RandomStream, TargetValues, TaskName};
use mtnet_heads::{HeadConfig, HeadRegistry, TaskHead, TaskSpec};
use mtnet_kernels::{Mode, ParamStore};

const HIDDEN: usize = 6;
const ROWS: usize = 4;

/// Numbers have 24 bits: a smaller step loses the difference in rounding, a larger one is bent.
const STEP: f32 = 1e-2;

/// How far a gradient may lie from the difference. Steps of 1e-2 leave errors around 1e-4.
const TOLERANCE: f32 = 1e-3;

/// Each head with its labels, what is asked, and a name.
fn cases() -> Vec<(&'static str, &'static [&'static str], TargetValues)> {
    let classes = || TargetValues::Classes(vec![0, 2, 1, 2]);
    let several = || TargetValues::MultiLabel {
        width: 3,
        values: vec![1., 0., 1., 0., 0., 0., 1., 1., 0., 0., 1., 1.],
    };
    let numbers = || TargetValues::Numbers {
        width: 2,
        values: vec![1., f32::NAN, 0., 2., 3., 1., -1., 0.5],
    };
    let tags = || TargetValues::Tags(vec![0, IGNORED_TAG, 2, 1]);
    vec![
        (r#""classification""#, &["a", "b", "c"], classes()),
        (
            r#"{"type": "classification", "dense": "tanh", "loss": {"type": "focal"}}"#,
            &["a", "b", "c"],
            classes(),
        ),
        (r#""multi-label""#, &["a", "b", "c"], several()),
        (
            r#"{"type": "multi-label", "dense": "gelu", "loss": {"type": "focal"}}"#,
            &["a", "b", "c"],
            several(),
        ),
        (r#""regression""#, &["x", "y"], numbers()),
        (
            r#"{"type": "regression", "shift": [1, 2], "scale": [2, 4], "loss": {"type": "huber"}}"#,
            &["x", "y"],
            numbers(),
        ),
        (r#""token-classification""#, &["O", "B-x", "I-x"], tags()),
        (
            r#"{"type": "token-classification", "loss": {"type": "focal"}}"#,
            &["O", "B-x", "I-x"],
            tags(),
        ),
    ]
}

fn numbers(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

fn loss(head: &dyn TaskHead, rows: &Tensor, targets: &TargetValues) -> Tensor {
    let scores = head.forward(rows, &Mode::Eval).unwrap();
    head.loss(&scores, targets).unwrap().mean
}

#[test]
fn r20_gradients_of_every_head_agree_with_differences() -> Result<()> {
    let (mut entries, mut farthest) = (0, 0f32);
    let cases = cases();
    for (json, labels, targets) in &cases {
        let config: HeadConfig = serde_json::from_str(json).unwrap();
        let name = TaskName::new("t").unwrap();
        let spec = TaskSpec::new(name, config, labels.iter().copied());
        let store = ParamStore::new(RandomStream::new(3), &Device::Cpu);
        let head = HeadRegistry::default()
            .build(&spec, HIDDEN, store.builder())
            .unwrap();
        let mut stream = RandomStream::new(8);
        let values: Vec<f32> = (0..ROWS * HIDDEN).map(|_| stream.normal() as f32).collect();
        let rows = Var::from_vec(values, (ROWS, HIDDEN), &Device::Cpu)?;
        let mut vars = store.vars();
        vars.push(("rows".to_owned(), rows.clone()));
        // Parameters begin near 0 or at it, where a wrong slope may look right.
        for (_, var) in &vars[..vars.len() - 1] {
            let drawn: Vec<f32> = (0..var.elem_count())
                .map(|_| 0.5 * stream.normal() as f32)
                .collect();
            var.set(&Tensor::from_vec(drawn, var.dims(), &Device::Cpu)?)?;
        }
        let gradients = loss(&*head, &rows, targets).backward()?;
        for (name, var) in &vars {
            let found = match gradients.get(var) {
                Some(gradient) => numbers(gradient)?,
                None => panic!("{json}: no gradient for {name}"),
            };
            let values = numbers(var)?;
            for (at, found) in found.into_iter().enumerate() {
                let moved = |step: f32| -> Result<f32> {
                    let mut values = values.clone();
                    values[at] += step;
                    var.set(&Tensor::from_vec(values, var.dims(), &Device::Cpu)?)?;
                    loss(&*head, &rows, targets).to_scalar()
                };
                let expected = (moved(STEP)? - moved(-STEP)?) / (2.0 * STEP);
                let apart = (found - expected).abs();
                assert!(
                    apart < TOLERANCE,
                    "{json}: {name} at {at}: {found}, by differences {expected}"
                );
                farthest = farthest.max(apart);
                entries += 1;
            }
            var.set(&Tensor::from_vec(values, var.dims(), &Device::Cpu)?)?;
        }
    }
    figure(&format!(
        "{entries} gradients of {} heads within {farthest:.0e} of differences",
        cases.len()
    ));
    Ok(())
}

/// Prints past the capture of the test harness, for `cargo xtask reliability`.
fn figure(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    // A closed output has no reader.
    let _ = writeln!(out, "\nreliability R20: {text}");
}
