//! What an optimizer remembers between two steps.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor, Var};
use mtnet_train::optimizer::{
    Gradients, GroupRules, Optimizer, OptimizerConfig, OptimizerKind, OptimizerState,
};

use super::{values, vector};

#[test]
fn a_resumed_optimizer_goes_on_bit_for_bit() {
    for config in [
        OptimizerConfig::default(),
        OptimizerConfig {
            optimizer: OptimizerKind::Sgd,
            ..Default::default()
        },
    ] {
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let fresh = |start: &[f64]| {
                let start = Tensor::new(start, &Device::Cpu).and_then(|t| t.to_dtype(dtype));
                let variable = Var::from_tensor(&start.expect("a start")).expect("a variable");
                let variables = BTreeMap::from([("w".to_owned(), variable.clone())]);
                let parameters = GroupRules::default().assign(&config, &variables);
                let optimizer = Optimizer::new(&config, parameters).expect("an optimizer");
                (variable, optimizer)
            };
            let step = |optimizer: &mut Optimizer, at: f64| {
                let gradient = Tensor::new(&[at.sin(), at.cos()], &Device::Cpu);
                let gradient = gradient
                    .and_then(|g| g.to_dtype(dtype))
                    .expect("a gradient");
                let gradients = Gradients::from_iter([("w".to_owned(), gradient)]);
                optimizer.step(&gradients, 100.0).expect("a step");
            };
            let (whole, mut optimizer) = fresh(&[0.5, -0.25]);
            (0..3).for_each(|at| step(&mut optimizer, f64::from(at)));
            let bytes = optimizer
                .state()
                .and_then(|s| s.to_safetensors())
                .expect("a state");
            let halfway = values(&whole);
            (3..6).for_each(|at| step(&mut optimizer, f64::from(at)));

            let (resumed, mut optimizer) = fresh(&halfway);
            let state = OptimizerState::from_safetensors(&bytes).expect("a state");
            optimizer.load_state(state).expect("it fits");
            assert_eq!(optimizer.steps(), 3);
            let again = optimizer
                .state()
                .and_then(|s| s.to_safetensors())
                .expect("a state");
            assert_eq!(again, bytes, "{dtype:?}");
            (3..6).for_each(|at| step(&mut optimizer, f64::from(at)));
            assert_eq!(values(&resumed), values(&whole), "{dtype:?}");
            assert_ne!(values(&whole), halfway, "{dtype:?}");
        }
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused_by_name() {
    let optimizer = |kind, names: &[(&str, usize)]| {
        let config = OptimizerConfig {
            optimizer: kind,
            ..Default::default()
        };
        let variables = names
            .iter()
            .map(|(name, size)| ((*name).to_owned(), vector(&vec![0.0; *size])))
            .collect();
        Optimizer::new(&config, GroupRules::default().assign(&config, &variables)).expect("one")
    };
    let adamw = OptimizerKind::AdamW;
    let saved = optimizer(adamw, &[("a", 2), ("b", 3)])
        .state()
        .expect("a state");
    let check = |mut other: Optimizer, message: &str| {
        let error = other
            .load_state(saved.clone())
            .expect_err(message)
            .to_string();
        assert!(error.starts_with(message), "{error}");
        assert_eq!(other.steps(), 0);
    };
    check(
        optimizer(adamw, &[("a", 2), ("b", 3), ("c", 1)]),
        "optimizer state lacks `c.exp_avg`",
    );
    check(
        optimizer(adamw, &[("a", 2)]),
        "optimizer state holds `b.exp_avg`",
    );
    check(
        optimizer(adamw, &[("a", 2), ("b", 4)]),
        "optimizer state `b.exp_avg` is F32 [3], expected F32 [4]",
    );
    check(
        optimizer(OptimizerKind::Sgd, &[("a", 2), ("b", 3)]),
        "optimizer state lacks `a.momentum_buffer`",
    );
    let cut = saved.to_safetensors().expect("bytes");
    let error = OptimizerState::from_safetensors(&cut[..cut.len() - 1]);
    assert!(error.is_err());
}
