//! Initial values have the variance that they promise, and are functions of their stream.

use candle_core::{Device, Result};
use candle_nn::Init;
use mtnet_core::RandomStream;
use mtnet_kernels::{Initialiser, ParamStore};

use crate::flat;

const SIZES: (usize, usize) = (160, 240);

fn every() -> [Initialiser; 7] {
    let (uniform, gain) = (true, 1.5);
    [
        Initialiser::Normal { std: 0.02 },
        Initialiser::TruncatedNormal { std: 0.02 },
        Initialiser::Xavier { uniform, gain },
        Initialiser::Xavier {
            uniform: false,
            gain,
        },
        Initialiser::He { uniform, gain },
        Initialiser::He {
            uniform: false,
            gain,
        },
        Initialiser::Orthogonal { gain },
    ]
}

fn values(initialiser: Initialiser, (outputs, inputs): (usize, usize)) -> Vec<f32> {
    let stream = RandomStream::new(3).child("a weight");
    initialiser.values(outputs, inputs, stream)
}

#[test]
fn the_variance_is_the_one_of_the_formula() {
    for initialiser in every() {
        let (outputs, inputs) = SIZES;
        let values = values(initialiser, SIZES);
        let count = (outputs * inputs) as f64;
        assert_eq!(values.len(), outputs * inputs);
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let squares = values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
        let deviation = initialiser.deviation(outputs, inputs);
        let expected = match initialiser {
            Initialiser::Normal { .. } | Initialiser::TruncatedNormal { .. } => 0.02,
            Initialiser::Xavier { .. } => 1.5 * (2.0f64 / 400.0).sqrt(),
            Initialiser::He { .. } => 1.5 * (2.0f64 / 240.0).sqrt(),
            Initialiser::Orthogonal { .. } => 1.5 / 240f64.sqrt(),
        };
        assert!((deviation - expected).abs() < 1e-12, "{initialiser:?}");
        // Four standard errors of the mean and of the variance of a normal.
        assert!(
            mean.abs() < 4.0 * expected / count.sqrt(),
            "{initialiser:?}: {mean}"
        );
        let ratio = squares / count / expected.powi(2);
        let error = 4.0 * (2.0 / count).sqrt();
        assert!((ratio - 1.0).abs() < error, "{initialiser:?}: {ratio}");
    }
}

#[test]
fn bounds_are_kept() {
    let largest = |values: &[f32]| values.iter().fold(0f32, |all, v| all.max(v.abs()));
    let cut = values(Initialiser::TruncatedNormal { std: 0.02 }, SIZES);
    assert!((0.04..0.0455).contains(&largest(&cut)), "{}", largest(&cut));
    let gain = 1.0;
    let uniform = Initialiser::Xavier {
        uniform: true,
        gain,
    };
    let bound = (6.0f32 / 400.0).sqrt();
    let found = largest(&values(uniform, SIZES));
    assert!(found <= bound && found > 0.99 * bound, "{found}");
}

#[test]
fn orthogonal_rows_or_columns_are_orthonormal() {
    for sizes in [(40, 70), (70, 40), (64, 64), (1, 5), (5, 1)] {
        let (outputs, inputs) = sizes;
        let all = values(Initialiser::Orthogonal { gain: 1.0 }, sizes);
        let at = |output: usize, input: usize| f64::from(all[output * inputs + input]);
        let count = outputs.min(inputs);
        for first in 0..count {
            for second in 0..count {
                let product: f64 = if outputs <= inputs {
                    (0..inputs).map(|i| at(first, i) * at(second, i)).sum()
                } else {
                    (0..outputs).map(|o| at(o, first) * at(o, second)).sum()
                };
                let expected = if first == second { 1.0 } else { 0.0 };
                assert!((product - expected).abs() < 1e-6, "{sizes:?}: {product}");
            }
        }
    }
}

#[test]
fn the_same_stream_gives_the_same_numbers_and_a_factor_scales_them() {
    for initialiser in every() {
        let first = values(initialiser, (12, 20));
        assert_eq!(first, values(initialiser, (12, 20)));
        let other = initialiser.values(12, 20, RandomStream::new(4));
        assert_ne!(first, other, "{initialiser:?}");
        let half = values(initialiser.scaled(0.5), (12, 20));
        for (half, whole) in half.iter().zip(&first) {
            assert!((2.0 * half - whole).abs() <= 1e-6 * whole.abs().max(1e-3));
        }
    }
}

#[test]
fn a_rule_of_the_store_goes_before_the_layer() -> Result<()> {
    let rule = |name: &str, _: (usize, usize)| {
        (name == "a.weight").then_some(Initialiser::Orthogonal { gain: 1.0 })
    };
    let new = || ParamStore::new(RandomStream::new(9), &Device::Cpu);
    let hint = Init::Const(0.5);
    let ruled = new().initialise(rule);
    let a = ruled.builder().get_with_hints((3, 4), "a.weight", hint)?;
    let squares: f32 = flat(&a)?[..4].iter().map(|v| v * v).sum();
    assert!((squares - 1.0).abs() < 1e-5);
    let b = ruled.builder().get_with_hints((3, 4), "b.weight", hint)?;
    assert_eq!(flat(&b)?, [0.5; 12]);
    let vector = ruled.builder().get_with_hints(12, "c", hint)?;
    assert_eq!(flat(&vector)?, [0.5; 12]);
    Ok(())
}
