//! Rows that no token read: left alone where asked for, and otherwise moved as by any AdamW.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor, Var};
use mtnet_kernels::{GradientBuffer, GradientLayout};

use super::{GroupRules, Optimizer, OptimizerConfig, OptimizerError, OptimizerKind};

const NAME: &str = "encoder.embeddings.word_embeddings.weight";
const WIDTH: usize = 3;

fn table(rows: usize) -> Var {
    let numbers = (0..rows * WIDTH).map(|i| i as f32 / 7.0 - 1.0).collect();
    Var::from_vec(numbers, (rows, WIDTH), &Device::Cpu).expect("a table")
}

/// The table after a step for each list of ids, each token with the slope `(1, 2, 3)`.
fn after(config: &OptimizerConfig, rows: usize, steps: &[&[u32]]) -> Vec<Vec<f32>> {
    let table = table(rows);
    let variables = [(NAME.to_owned(), table.clone())].into();
    let parameters = GroupRules::default().assign(config, &variables);
    let mut optimizer = Optimizer::new(config, parameters).expect("an optimizer");
    let layout = Arc::new(GradientLayout::new(variables));
    let mut gradients = GradientBuffer::new(&layout);
    for ids in steps {
        gradients.clear();
        let slope = Tensor::new(&[[1f32, 2.0, 3.0]], &Device::Cpu).expect("a slope");
        let slopes = slope.repeat((ids.len(), 1)).expect("slopes");
        let ids = Tensor::new(*ids, &Device::Cpu).expect("ids");
        gradients.add_rows(0, &ids, &slopes).expect("gradients");
        optimizer.step(&gradients, 1.0).expect("a step");
    }
    table.to_vec2().expect("its rows")
}

fn configs() -> [OptimizerConfig; 2] {
    [OptimizerKind::AdamW, OptimizerKind::Sgd].map(|optimizer| OptimizerConfig {
        optimizer,
        learning_rate: 0.1,
        lazy_embeddings: true,
        ..Default::default()
    })
}

#[test]
fn a_row_that_no_token_reads_stays_and_the_others_move_as_ever() {
    for lazy in configs() {
        let eager = OptimizerConfig {
            lazy_embeddings: false,
            ..lazy.clone()
        };
        let before: Vec<Vec<f32>> = table(100).to_vec2().expect("its rows");
        let once = after(&lazy, 100, &[&[7, 99, 7]]);
        let expected = after(&eager, 100, &[&[7, 99, 7]]);
        for row in 0..100 {
            match row {
                7 | 99 => assert_eq!(once[row], expected[row], "row {row}"),
                _ => assert_eq!(once[row], before[row], "row {row}"),
            }
        }
        // Row 7 has momentum now, which only the eager rule follows.
        let twice = after(&lazy, 100, &[&[7, 99, 7], &[40, 99]]);
        let expected = after(&eager, 100, &[&[7, 99, 7], &[40, 99]]);
        assert_eq!(twice[7], once[7]);
        assert_ne!(expected[7], once[7]);
        assert_eq!(twice[99], expected[99]);
        assert_ne!(twice[40], before[40]);
    }
}

#[test]
fn where_every_row_is_read_nothing_differs() {
    let ids: Vec<u32> = (0..200).collect();
    for lazy in configs() {
        let eager = OptimizerConfig {
            lazy_embeddings: false,
            ..lazy.clone()
        };
        let steps: [&[u32]; 3] = [&ids; 3];
        assert_eq!(after(&lazy, 200, &steps), after(&eager, 200, &steps));
    }
}

#[test]
fn other_types_are_refused() {
    let config = &configs()[0];
    let half = table(4).to_dtype(DType::F16).expect("numbers");
    let half = Var::from_tensor(&half).expect("a variable");
    let parameters = GroupRules::default().assign(config, &[(NAME.to_owned(), half)].into());
    match Optimizer::new(config, parameters) {
        Err(OptimizerError::LazyOnDevice { name }) => assert_eq!(name, NAME),
        other => panic!("{other:?}"),
    }
}
