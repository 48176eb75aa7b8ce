//! Right values and gradients at logits of ±10⁴, and with a single class.

use candle_core::{DType, Var};
use mtnet_losses::{
    BinaryCrossEntropy, CrossEntropy, DenseTargets, Distillation, LossError, Reduction,
    SigmoidFocal, SoftmaxFocal, bernoulli_distillation_kl, binary_cross_entropy_with_logits,
    cross_entropy, distillation_kl, log_softmax, sigmoid_focal, soft_cross_entropy, softmax_focal,
    symmetric_kl,
};

use crate::oracle::PRECISIONS;
use crate::support::{assert_close, entries, gradient, matrix, scalar};

/// Right by 2·10⁴, wrong by 2·10⁴, and undecided.
fn extreme(dtype: DType) -> Var {
    matrix(&[&[1e4, -1e4], &[1e4, -1e4], &[-1e4, -1e4]], dtype)
}

const LABELS: [u32; 3] = [0, 1, 0];

#[test]
fn classes() -> Result<(), LossError> {
    let ln_2 = 2f64.ln();
    for dtype in PRECISIONS {
        let logits = extreme(dtype);
        let plain = cross_entropy(&logits, &LABELS, &CrossEntropy::default(), Reduction::None)?;
        assert_close(&entries(&plain), &[0., 2e4, ln_2], 1e-11, "cross-entropy");
        let expected = [0., 0., 1., -1., -0.5, 0.5];
        assert_close(&gradient(&plain, &logits), &expected, 1e-7, "cross-entropy");

        for gamma in [0., 0.5, 1., 2.] {
            let settings = SoftmaxFocal {
                gamma,
                class_weights: None,
            };
            let focal = softmax_focal(&logits, &LABELS, &settings, Reduction::None)?;
            let half = 0.5f64.powf(gamma);
            assert_close(&entries(&focal), &[0., 2e4, half * ln_2], 1e-11, "focal");
            // At p = 1/2: -(γ (1/2)^γ ln 2 + (1/2)^γ) d log p, d log p = ±1/2.
            let slope = half * (gamma * ln_2 + 1.) / 2.;
            let expected = [0., 0., 1., -1., -slope, slope];
            assert_close(&gradient(&focal, &logits), &expected, 1e-6, "focal");
        }

        let even = DenseTargets::new(&[0.5; 6], 2)?;
        let soft = soft_cross_entropy(&logits, &even, &CrossEntropy::default(), Reduction::None)?;
        assert_close(&entries(&soft), &[1e4, 1e4, ln_2], 1e-11, "soft");
        let expected = [0.5, -0.5, 0.5, -0.5, 0., 0.];
        assert_close(&gradient(&soft, &logits), &expected, 1e-7, "soft");
    }
    Ok(())
}

#[test]
fn labels() -> Result<(), LossError> {
    for dtype in PRECISIONS {
        let logits = matrix(&[&[1e4, -1e4, 1e4, -1e4, 0.]], dtype);
        let targets = DenseTargets::new(&[1., 0., 0., 1., 1.], 5)?;
        let settings = BinaryCrossEntropy {
            positive_weights: Some(vec![3.; 5]),
        };
        let sum = Reduction::None;
        let loss = binary_cross_entropy_with_logits(&logits, &targets, &settings, sum)?;
        let ln_2 = 2f64.ln();
        assert_close(
            &entries(&loss),
            &[0., 0., 1e4, 3e4, 3. * ln_2],
            1e-11,
            "bce",
        );
        assert_eq!(gradient(&loss, &logits), [0., 0., 1., -3., -1.5]);

        for gamma in [0., 0.5, 2.] {
            let settings = SigmoidFocal { gamma, alpha: None };
            let loss = sigmoid_focal(&logits, &targets, &settings, Reduction::None)?;
            let half = 0.5f64.powf(gamma);
            let expected = [0., 0., 1e4, 1e4, half * ln_2];
            assert_close(&entries(&loss), &expected, 1e-11, "focal");
            let slope = half * (gamma * ln_2 + 1.) / 2.;
            let expected = [0., 0., 1., -1., -slope];
            assert_close(&gradient(&loss, &logits), &expected, 1e-6, "focal");
        }
    }
    Ok(())
}

#[test]
fn a_nearly_right_answer_keeps_its_small_loss_and_gradient() -> Result<(), LossError> {
    let logits = matrix(&[&[20., -20.]], DType::F32);
    let targets = DenseTargets::new(&[1f32, 0.], 2)?;
    let settings = BinaryCrossEntropy::default();
    let loss = binary_cross_entropy_with_logits(&logits, &targets, &settings, Reduction::None)?;
    let expected = (-20f64).exp();
    for (loss, gradient) in entries(&loss).into_iter().zip(gradient(&loss, &logits)) {
        assert!((loss / expected - 1.).abs() < 1e-5, "{loss}");
        assert!((gradient.abs() / expected - 1.).abs() < 1e-5, "{gradient}");
    }
    Ok(())
}

#[test]
fn divergences() -> Result<(), LossError> {
    for dtype in PRECISIONS {
        let (one, other) = (
            matrix(&[&[1e4, -1e4], &[0., 0.]], dtype),
            matrix(&[&[-1e4, 1e4], &[1e4, 1e4]], dtype),
        );
        let settings = Distillation {
            temperature: 1.,
            rescaled: true,
        };
        let loss = distillation_kl(&one, &other, &settings, Reduction::None)?;
        assert_close(&entries(&loss), &[2e4, 0.], 1e-9, "distillation");
        assert_close(
            &gradient(&loss, &one),
            &[1., -1., 0., 0.],
            1e-7,
            "distillation",
        );
        let loss = bernoulli_distillation_kl(&one, &other, &settings, Reduction::None)?;
        assert_close(&entries(&loss)[..1], &[1e4], 1e-9, "yes and no");
        assert_close(
            &gradient(&loss, &one),
            &[0.5, -0.5, -0.25, -0.25],
            1e-7,
            "yes and no",
        );
        let loss = symmetric_kl(&one, &other, Reduction::None)?;
        assert_close(&entries(&loss), &[4e4, 0.], 1e-9, "symmetric");
        assert_close(
            &gradient(&loss, &one),
            &[1., -1., 0., 0.],
            1e-7,
            "symmetric",
        );
    }
    Ok(())
}

#[test]
fn yes_and_no_are_what_the_definition_says() -> Result<(), LossError> {
    let (student, teacher) = (
        [[0.5, -1., 2.], [0., 3., -0.25]],
        [[1., 1., 2.], [-2., 0., 0.75]],
    );
    let sigmoid = |logit: f64| 1. / (1. + (-logit).exp());
    for temperature in [1., 3.] {
        let of_label = |(student, teacher): (&f64, &f64)| {
            let (q, p) = (
                sigmoid(student / temperature),
                sigmoid(teacher / temperature),
            );
            p * (p / q).ln() + (1. - p) * ((1. - p) / (1. - q)).ln()
        };
        let expected: Vec<f64> = student
            .iter()
            .zip(&teacher)
            .map(|(student, teacher)| {
                let labels = student.iter().zip(teacher).map(of_label);
                temperature.powi(2) * labels.sum::<f64>() / 3.
            })
            .collect();
        let matrices = [student, teacher].map(|rows| matrix(&[&rows[0], &rows[1]], DType::F64));
        let settings = Distillation {
            temperature,
            rescaled: true,
        };
        let loss =
            bernoulli_distillation_kl(&matrices[0], &matrices[1], &settings, Reduction::None)?;
        assert_close(&entries(&loss), &expected, 1e-12, "yes and no");
    }
    Ok(())
}

#[test]
fn one_class_is_certain() -> Result<(), LossError> {
    for logit in [-1e4, 0., 1e4] {
        let logits = matrix(&[&[logit], &[1.]], DType::F32);
        assert_eq!(entries(&log_softmax(&logits)?), [0., 0.]);
        let smoothed = CrossEntropy {
            class_weights: Some(vec![2.]),
            label_smoothing: 0.1,
        };
        let certain = DenseTargets::new(&[1f32, 1.], 1)?;
        let focal = SoftmaxFocal {
            gamma: 0.5,
            class_weights: None,
        };
        for loss in [
            cross_entropy(&logits, &[0, 0], &CrossEntropy::default(), Reduction::Mean)?,
            cross_entropy(&logits, &[0, 0], &smoothed, Reduction::Mean)?,
            soft_cross_entropy(&logits, &certain, &smoothed, Reduction::Mean)?,
            softmax_focal(&logits, &[0, 0], &focal, Reduction::Mean)?,
            symmetric_kl(&logits, &logits, Reduction::Mean)?,
        ] {
            assert_eq!(scalar(&loss), 0.);
            assert_eq!(gradient(&loss, &logits), [0., 0.]);
        }
    }
    Ok(())
}
