//! What has no label takes no part.

use candle_core::{DType, Device, Tensor, Var};
use mtnet_losses::{
    BinaryCrossEntropy, ClassTargets, CrossEntropy, DenseTargets, Distillation, IGNORED_LABEL,
    LossError, Reduction, SigmoidFocal, SoftmaxFocal, absolute_error, bernoulli_distillation_kl,
    binary_cross_entropy_with_logits, cross_entropy, distillation_kl, huber, sigmoid_focal,
    smooth_l1, soft_cross_entropy, softmax_focal, squared_error, symmetric_kl,
};

use crate::support::{entries, gradient, matrix, scalar};

const REDUCTIONS: [Reduction; 3] = [Reduction::Mean, Reduction::Sum, Reduction::None];

type Loss = fn(&Tensor, &DenseTargets, Reduction) -> Result<Tensor, LossError>;

/// Losses of elements, by name.
const OF_ELEMENTS: [(&str, Loss); 6] = [
    ("bce", |x, y, reduction| {
        binary_cross_entropy_with_logits(x, y, &BinaryCrossEntropy::default(), reduction)
    }),
    ("focal", |x, y, reduction| {
        sigmoid_focal(x, y, &SigmoidFocal::default(), reduction)
    }),
    ("mse", squared_error),
    ("l1", absolute_error),
    ("huber", |x, y, reduction| huber(x, y, 1., reduction)),
    ("smooth-l1", |x, y, reduction| {
        smooth_l1(x, y, 1., reduction)
    }),
];

fn cross_entropies(
    logits: &Tensor,
    targets: ClassTargets,
    reduction: Reduction,
) -> Result<[Tensor; 3], LossError> {
    let smoothed = CrossEntropy {
        class_weights: Some(vec![1., 2.]),
        label_smoothing: 0.1,
    };
    Ok([
        cross_entropy(logits, targets, &CrossEntropy::default(), reduction)?,
        cross_entropy(logits, targets, &smoothed, reduction)?,
        softmax_focal(logits, targets, &SoftmaxFocal::default(), reduction)?,
    ])
}

/// Predictions of which the unlabelled ones are broken: they must not matter at all.
fn broken() -> Var {
    matrix(&[&[f64::NAN, 1e30], &[f64::INFINITY, 0.]], DType::F32)
}

#[test]
fn nothing_labelled_is_exactly_zero_even_beside_broken_predictions() -> Result<(), LossError> {
    let predictions = broken();
    let check = |name: &str, loss: Tensor| {
        assert!(
            entries(&loss).iter().all(|entry| *entry == 0.),
            "{name}: {loss}"
        );
        assert_eq!(gradient(&loss, &predictions), [0.; 4], "{name}");
    };
    let none = DenseTargets::masked(&[0.; 4], 2, &[false; 4])?;
    for reduction in REDUCTIONS {
        for (name, loss) in OF_ELEMENTS {
            let loss = loss(&predictions, &none, reduction)?;
            let expected: &[usize] = if reduction == Reduction::None {
                &[2, 2]
            } else {
                &[]
            };
            assert_eq!(loss.dims(), expected, "{name}");
            check(name, loss);
        }
        let ignored = [IGNORED_LABEL; 2];
        for loss in cross_entropies(&predictions, ClassTargets::new(&ignored), reduction)? {
            let expected: &[usize] = if reduction == Reduction::None {
                &[2]
            } else {
                &[]
            };
            assert_eq!(loss.dims(), expected);
            check("classes", loss);
        }
        let settings = CrossEntropy::default();
        check(
            "soft",
            soft_cross_entropy(&predictions, &none, &settings, reduction)?,
        );
    }
    Ok(())
}

#[test]
fn no_rows_at_all_is_zero() -> Result<(), LossError> {
    let predictions = Tensor::zeros((0, 2), DType::F32, &Device::Cpu)?;
    let none = DenseTargets::new::<f32>(&[], 2)?;
    for reduction in [Reduction::Mean, Reduction::Sum] {
        for (name, loss) in OF_ELEMENTS {
            assert_eq!(scalar(&loss(&predictions, &none, reduction)?), 0., "{name}");
        }
        for loss in cross_entropies(&predictions, ClassTargets::new(&[]), reduction)? {
            assert_eq!(scalar(&loss), 0.);
        }
        let settings = Distillation::default();
        let loss = distillation_kl(&predictions, &predictions, &settings, reduction)?;
        assert_eq!(scalar(&loss), 0.);
        let loss = bernoulli_distillation_kl(&predictions, &predictions, &settings, reduction)?;
        assert_eq!(scalar(&loss), 0.);
        assert_eq!(
            scalar(&symmetric_kl(&predictions, &predictions, reduction)?),
            0.
        );
    }
    for (name, loss) in OF_ELEMENTS {
        assert_eq!(
            loss(&predictions, &none, Reduction::None)?.dims(),
            [0, 2],
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn a_missing_row_changes_neither_loss_nor_gradient_of_the_others() -> Result<(), LossError> {
    let all = matrix(&[&[1., 2.], &[f64::NAN, 9.], &[-1., 0.5]], DType::F32);
    let kept = matrix(&[&[1., 2.], &[-1., 0.5]], DType::F32);
    let sparse = [1, IGNORED_LABEL, 0];
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let with = cross_entropies(&all, ClassTargets::new(&sparse), reduction)?;
        let without = cross_entropies(&kept, ClassTargets::new(&[1, 0]), reduction)?;
        for (with, without) in with.iter().zip(&without) {
            assert_eq!(scalar(with), scalar(without));
            let gradient_with = gradient(with, &all);
            assert_eq!(gradient_with[2..4], [0., 0.]);
            let others = [&gradient_with[..2], &gradient_with[4..]].concat();
            assert_eq!(others, gradient(without, &kept));
        }
    }
    let rows = cross_entropies(&all, ClassTargets::new(&sparse), Reduction::None)?;
    for losses in rows {
        let losses = entries(&losses);
        assert!(
            losses[0] > 0. && losses[1] == 0. && losses[2] > 0.,
            "{losses:?}"
        );
    }
    Ok(())
}

#[test]
fn a_missing_element_changes_neither_loss_nor_gradient_of_the_others() -> Result<(), LossError> {
    let all = matrix(&[&[1., f64::NAN], &[f64::INFINITY, 0.5]], DType::F32);
    let kept = matrix(&[&[1.], &[0.5]], DType::F32);
    let gappy = DenseTargets::nan_is_missing(&[1f32, f32::NAN, f32::NAN, 0.], 2)?;
    let masked = DenseTargets::masked(
        &[1f32, 7., f32::INFINITY, 0.],
        2,
        &[true, false, false, true],
    )?;
    let full = DenseTargets::new(&[1f32, 0.], 1)?;
    for (name, loss) in OF_ELEMENTS {
        for targets in [&gappy, &masked] {
            for reduction in [Reduction::Mean, Reduction::Sum] {
                let with = loss(&all, targets, reduction)?;
                let without = loss(&kept, &full, reduction)?;
                assert_eq!(scalar(&with), scalar(&without), "{name}");
                let (with, without) = (gradient(&with, &all), gradient(&without, &kept));
                assert_eq!(with, [without[0], 0., 0., without[1]], "{name}");
            }
            let places = entries(&loss(&all, targets, Reduction::None)?);
            let packed = entries(&loss(&kept, &full, Reduction::None)?);
            assert_eq!(places, [packed[0], 0., 0., packed[1]], "{name}");
        }
    }
    Ok(())
}

#[test]
fn rows_whose_classes_weigh_nothing_have_no_mean() -> Result<(), LossError> {
    let logits = matrix(&[&[1., 2.]], DType::F32);
    let settings = CrossEntropy {
        class_weights: Some(vec![0., 1.]),
        label_smoothing: 0.2,
    };
    let mean = cross_entropy(&logits, &[0], &settings, Reduction::Mean)?;
    assert_eq!(scalar(&mean), 0.);
    assert_eq!(gradient(&mean, &logits), [0., 0.]);
    // The sum keeps the part that smoothing gives to the class that does weigh.
    let sum = cross_entropy(&logits, &[0], &settings, Reduction::Sum)?;
    let surprise = (1f64.exp() + 2f64.exp()).ln() - 2.;
    assert!((scalar(&sum) - 0.1 * surprise).abs() < 1e-7, "{sum}");
    Ok(())
}
