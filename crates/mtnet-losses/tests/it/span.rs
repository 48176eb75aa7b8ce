//! Losses of spans: gradients against differences, values against a softmax by hand.

use candle_core::{Device, Tensor, Var};
use mtnet_losses::{LossError, cross_entropy, span_cross_entropy, symmetric_span_kl};

use crate::gradients::assert_gradient;
use crate::support::{gradient, scalar};

const OFFSETS: [u32; 4] = [0, 3, 3, 5];
const BOUNDS: [[u32; 2]; 3] = [[1, 2], [0, 0], [0, 0]];

fn scores(shift: f64) -> Tensor {
    let values: Vec<f64> = (0..10)
        .map(|i| (f64::from(i) * 1.7 + shift).sin() * 2.0)
        .collect();
    Tensor::from_vec(values, (5, 2), &Device::Cpu).unwrap()
}

#[test]
fn gradients_are_those_of_the_values() {
    assert_gradient(&[scores(0.0)], |inputs| {
        span_cross_entropy(&inputs[0], &OFFSETS, &BOUNDS)
    });
    assert_gradient(&[scores(0.0), scores(0.9)], |inputs| {
        symmetric_span_kl(&inputs[0], &inputs[1], &OFFSETS)
    });
}

#[test]
fn a_span_is_two_choices_among_the_rows_of_its_sequence() {
    let scores = scores(0.3);
    let mut expected = 0.0;
    for (rows, bounds) in [(0..3usize, [1u32, 2]), (3..5, [0, 0])] {
        let part = scores
            .narrow(0, rows.start, rows.len())
            .unwrap()
            .t()
            .unwrap();
        let part = part.contiguous().unwrap();
        let loss = cross_entropy(&part, &bounds, &Default::default(), Default::default());
        expected += scalar(&loss.unwrap()) / 2.0;
    }
    let found = scalar(&span_cross_entropy(&scores, &OFFSETS, &BOUNDS).unwrap());
    assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
    assert!(scalar(&symmetric_span_kl(&scores, &scores, &OFFSETS).unwrap()).abs() < 1e-15);
}

#[test]
fn scores_of_any_size_break_nothing_and_no_rows_are_no_loss() {
    let large = Tensor::new(&[[1e4f32, -1e4], [-1e4, 1e4]], &Device::Cpu).unwrap();
    let loss = span_cross_entropy(&large, &[0, 2], &[[1, 1]]).unwrap();
    assert_eq!(loss.to_scalar::<f32>().unwrap(), 1e4);
    let var = Var::from_tensor(&large).unwrap();
    let none = span_cross_entropy::<2>(&var.narrow(0, 0, 0).unwrap(), &[0], &[]).unwrap();
    assert_eq!(none.to_scalar::<f32>().unwrap(), 0.0);
    let loss = span_cross_entropy(&var, &[0, 2], &[[1, 1]]).unwrap();
    assert_eq!(gradient(&loss, &var), [0.5, 0.0, -0.5, 0.0]);
}

#[test]
fn what_does_not_fit_is_named() {
    let scores = scores(0.0);
    let bound = span_cross_entropy(&scores, &OFFSETS, &[[1, 3], [0, 0], [0, 0]]);
    assert!(matches!(
        bound,
        Err(LossError::ClassOutOfRange {
            row: 0,
            label: 3,
            classes: 3
        })
    ));
    assert!(span_cross_entropy(&scores, &[0, 4], &[[0, 0]]).is_err());
    assert!(span_cross_entropy(&scores, &OFFSETS, &[[0, 0]]).is_err());
    assert!(symmetric_span_kl(&scores, &scores.narrow(0, 0, 4).unwrap(), &OFFSETS).is_err());
}
