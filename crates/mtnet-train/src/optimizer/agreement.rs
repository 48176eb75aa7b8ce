//! The single pass over slices and candle's operations give the same weights and buffers.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor, Var};

use super::{Gradients, GroupRules, Optimizer, OptimizerConfig, OptimizerKind};

/// Numbers of both signs and many sizes, from a fixed recurrence.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let unit = (state >> 8) as f32 / 16_777_216.0 - 0.5;
            unit * 10f32.powi((state % 7) as i32 - 5)
        })
        .collect()
}

fn after_steps(config: &OptimizerConfig, fused: bool) -> (Vec<f32>, Vec<u8>) {
    // Several chunks and a remainder, and a matrix.
    let vector = Var::from_vec(numbers(40_003, 1), 40_003, &Device::Cpu).expect("a variable");
    let matrix = Var::from_vec(numbers(12, 2), (3, 4), &Device::Cpu).expect("a variable");
    let variables = BTreeMap::from([
        ("layer.weight".to_owned(), vector.clone()),
        ("layer.bias".to_owned(), matrix.clone()),
    ]);
    let parameters = GroupRules::default().assign(config, &variables);
    let mut optimizer = Optimizer::build(config, parameters, fused).expect("an optimizer");
    for step in 0..5 {
        let gradients = [
            (
                "layer.weight".to_owned(),
                Tensor::from_vec(numbers(40_003, 10 + step), 40_003, &Device::Cpu).expect("one"),
            ),
            (
                "layer.bias".to_owned(),
                Tensor::from_vec(numbers(12, 20 + step), (3, 4), &Device::Cpu).expect("one"),
            ),
        ];
        let gradients: Gradients = gradients.into_iter().collect();
        let report = optimizer.step(&gradients, 0.5).expect("a step");
        assert!(report.clip_scale < 1.0, "{report:?}");
    }
    let mut weights = vector.to_vec1::<f32>().expect("its values");
    weights.extend(
        matrix
            .flatten_all()
            .and_then(|all| all.to_vec1::<f32>())
            .expect("its values"),
    );
    let state = optimizer.state().and_then(|state| state.to_safetensors());
    (weights, state.expect("a state"))
}

#[test]
fn both_paths_agree() {
    let base = OptimizerConfig {
        learning_rate: 0.01,
        weight_decay: 0.1,
        ..Default::default()
    };
    let sgd = OptimizerConfig {
        optimizer: OptimizerKind::Sgd,
        ..base.clone()
    };
    let nesterov = OptimizerConfig {
        sgd_nesterov: true,
        ..sgd.clone()
    };
    let plain = OptimizerConfig {
        sgd_momentum: 0.0,
        ..sgd.clone()
    };
    for config in [base, sgd, nesterov, plain] {
        let (fused, fused_state) = after_steps(&config, true);
        let (tensors, tensor_state) = after_steps(&config, false);
        for (fused, tensors) in fused.iter().zip(&tensors) {
            assert!(
                (fused - tensors).abs() <= 1e-6 * tensors.abs().max(1e-3),
                "{fused} {tensors}, {config:?}"
            );
        }
        assert_eq!(fused_state.len(), tensor_state.len(), "{config:?}");
    }
}

#[test]
fn threads_change_no_bit() {
    let config = OptimizerConfig::default();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("a pool");
        pool.install(|| after_steps(&config, true))
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}
