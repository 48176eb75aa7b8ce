//! Gradients against central differences, above all where rows or elements are missing.

use candle_core::{DType, Device, Tensor, Var};
use mtnet_losses::{
    BinaryCrossEntropy, CrossEntropy, DenseTargets, Distillation, IGNORED_LABEL, LossError,
    Reduction, SigmoidFocal, SoftmaxFocal, absolute_error, bernoulli_distillation_kl,
    binary_cross_entropy_with_logits, cross_entropy, distillation_kl, huber, log_softmax,
    sigmoid_focal, smooth_l1, soft_cross_entropy, softmax_focal, squared_error, symmetric_kl,
};

use crate::support::{assert_close, entries, gradient, scalar, spread};

/// Compares the gradient of a scalar with respect to each input in `f64` with differences.
pub fn assert_gradient(inputs: &[Tensor], loss: impl Fn(&[Tensor]) -> Result<Tensor, LossError>) {
    const STEP: f64 = 1e-5;
    let evaluate = |inputs: &[Tensor]| loss(inputs).expect("a loss");
    for (which, input) in inputs.iter().enumerate() {
        let with = |tensor: Tensor| {
            let mut changed = inputs.to_vec();
            changed[which] = tensor;
            changed
        };
        let var = Var::from_tensor(input).expect("a contiguous tensor");
        let found = gradient(&evaluate(&with(var.as_tensor().clone())), &var);
        let values = entries(input);
        let expected: Vec<f64> = (0..values.len())
            .map(|at| {
                let moved = |step: f64| {
                    let mut values = values.clone();
                    values[at] += step;
                    let tensor = Tensor::from_vec(values, input.dims(), &Device::Cpu);
                    scalar(&evaluate(&with(tensor.expect("the same shape"))))
                };
                (moved(STEP) - moved(-STEP)) / (2. * STEP)
            })
            .collect();
        assert_close(&found, &expected, 1e-8, &format!("input {which}"));
    }
}

/// Logits or predictions `(5, 4)`.
fn logits() -> Tensor {
    Tensor::from_vec(spread(20, 3., 7), (5, 4), &Device::Cpu).expect("20 values")
}

const LABELS: [u32; 5] = [2, IGNORED_LABEL, 0, 3, IGNORED_LABEL];

/// Targets of 0 and 1 `(5, 4)` with gaps, the last row missing altogether.
fn gappy() -> DenseTargets {
    let values: Vec<f64> = (0..20)
        .map(|at| match at {
            2 | 7 | 16.. => f64::NAN,
            _ => f64::from(at % 3 == 0),
        })
        .collect();
    DenseTargets::nan_is_missing(&values, 4).expect("20 values")
}

/// A sum in which each loss has another weight, so that a gradient in the wrong place shows.
fn weigh(losses: &Tensor) -> Result<Tensor, LossError> {
    let weights = spread(losses.elem_count(), 2., 8);
    let weights = Tensor::from_vec(weights, losses.dims(), &Device::Cpu)?;
    Ok(losses.mul(&weights)?.sum_all()?)
}

#[test]
fn losses_of_classes() {
    let weights = Some(vec![0.5, 2., 1., 0.25]);
    for label_smoothing in [0., 0.2] {
        for class_weights in [None, weights.clone()] {
            let settings = CrossEntropy {
                class_weights,
                label_smoothing,
            };
            assert_gradient(&[logits()], |x| {
                cross_entropy(&x[0], &LABELS, &settings, Reduction::Mean)
            });
            assert_gradient(&[logits()], |x| {
                weigh(&cross_entropy(&x[0], &LABELS, &settings, Reduction::None)?)
            });
        }
    }
    for gamma in [0., 0.5, 1., 2., 3.5] {
        let settings = SoftmaxFocal {
            gamma,
            class_weights: weights.clone(),
        };
        assert_gradient(&[logits()], |x| {
            weigh(&softmax_focal(&x[0], &LABELS, &settings, Reduction::None)?)
        });
    }
}

#[test]
fn losses_of_distributions() -> Result<(), LossError> {
    let mut probabilities = [0.1, 0.2, 0.3, 0.4].repeat(5);
    probabilities[4..8].fill(f64::NAN);
    let targets = DenseTargets::nan_is_missing(&probabilities, 4)?;
    let settings = CrossEntropy {
        class_weights: Some(vec![1., 2., 0.5, 1.]),
        label_smoothing: 0.1,
    };
    assert_gradient(&[logits()], |x| {
        weigh(&soft_cross_entropy(
            &x[0],
            &targets,
            &settings,
            Reduction::None,
        )?)
    });
    let other = Tensor::from_vec(spread(20, 2., 9), (5, 4), &Device::Cpu)?;
    assert_gradient(&[logits(), other.clone()], |x| {
        weigh(&symmetric_kl(&x[0], &x[1], Reduction::None)?)
    });
    assert_gradient(&[logits()], |x| {
        let settings = Distillation::default();
        weigh(&distillation_kl(&x[0], &other, &settings, Reduction::None)?)
    });
    assert_gradient(&[logits()], |x| {
        let settings = Distillation::default();
        weigh(&bernoulli_distillation_kl(
            &x[0],
            &other,
            &settings,
            Reduction::None,
        )?)
    });
    assert_gradient(&[logits()], |x| weigh(&log_softmax(&x[0])?));
    Ok(())
}

#[test]
fn losses_of_labels() {
    let settings = BinaryCrossEntropy {
        positive_weights: Some(vec![0.5, 2., 1., 3.]),
    };
    assert_gradient(&[logits()], |x| {
        let none = Reduction::None;
        weigh(&binary_cross_entropy_with_logits(
            &x[0],
            &gappy(),
            &settings,
            none,
        )?)
    });
    for gamma in [0., 0.5, 1., 2.] {
        let settings = SigmoidFocal {
            gamma,
            alpha: Some(0.3),
        };
        assert_gradient(&[logits()], |x| {
            weigh(&sigmoid_focal(&x[0], &gappy(), &settings, Reduction::None)?)
        });
    }
}

#[test]
fn losses_of_numbers() {
    assert_gradient(&[logits()], |x| {
        squared_error(&x[0], &gappy(), Reduction::Mean)
    });
    assert_gradient(&[logits()], |x| {
        absolute_error(&x[0], &gappy(), Reduction::Mean)
    });
    for border in [0.3, 1., 2.] {
        assert_gradient(&[logits()], |x| {
            weigh(&huber(&x[0], &gappy(), border, Reduction::None)?)
        });
        assert_gradient(&[logits()], |x| {
            weigh(&smooth_l1(&x[0], &gappy(), border, Reduction::None)?)
        });
    }
}

#[test]
fn gradients_pass_through_views_that_are_not_contiguous() {
    assert_gradient(
        &[logits().t().and_then(|x| x.contiguous()).expect("a matrix")],
        |x| {
            cross_entropy(
                &x[0].t()?,
                &LABELS,
                &CrossEntropy::default(),
                Reduction::Mean,
            )
        },
    );
}

#[test]
fn corners_have_the_gradient_between_their_sides() -> Result<(), LossError> {
    let zeros = Var::zeros((1, 2), DType::F32, &Device::Cpu)?;
    let at_zero = DenseTargets::new(&[0f32, 0.], 2)?;
    let of = |loss: Result<Tensor, LossError>| Ok::<_, LossError>(gradient(&loss?, &zeros));
    assert_eq!(
        of(absolute_error(&zeros, &at_zero, Reduction::Sum))?,
        [0., 0.]
    );
    assert_eq!(
        of(smooth_l1(&zeros, &at_zero, 0., Reduction::Sum))?,
        [0., 0.]
    );
    let labels = DenseTargets::new(&[0f32, 1.], 2)?;
    let settings = BinaryCrossEntropy::default();
    let loss = binary_cross_entropy_with_logits(&zeros, &labels, &settings, Reduction::Sum);
    assert_eq!(of(loss)?, [0.5, -0.5]);
    Ok(())
}
