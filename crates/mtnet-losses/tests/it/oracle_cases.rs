//! Every case of the fixture but those of the random field, in both precisions.

use candle_core::{DType, Tensor};
use mtnet_losses::{
    BinaryCrossEntropy, ClassTargets, CrossEntropy, DenseTargets, Distillation, IGNORED_LABEL,
    LossError, Reduction, SigmoidFocal, SoftmaxFocal, absolute_error,
    binary_cross_entropy_with_logits, cross_entropy, distillation_kl, huber, sigmoid_focal,
    smooth_l1, soft_cross_entropy, softmax_focal, squared_error, symmetric_kl,
};

use crate::oracle::{Case, PRECISIONS, cases};
use crate::support::{assert_close, entries, gradient, scalar};

/// Runs a check on each case in each precision.
fn each(id: &str, check: impl Fn(&Case, DType) -> Result<(), LossError>) {
    for case in cases(id) {
        for dtype in PRECISIONS {
            check(&case, dtype)
                .unwrap_or_else(|error| panic!("{} in {dtype:?}: {error}", case.name));
        }
    }
}

fn reduction(case: &Case) -> Reduction {
    match case.reduction() {
        "mean" | "batchmean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        "none" => Reduction::None,
        other => panic!("unknown reduction {other}"),
    }
}

fn labels(case: &Case) -> Vec<u32> {
    let targets = case.input("target").expect("targets");
    targets
        .into_iter()
        .map(|label| {
            if label < 0. {
                IGNORED_LABEL
            } else {
                label as u32
            }
        })
        .collect()
}

fn dense(case: &Case, name: &str) -> Result<DenseTargets, LossError> {
    DenseTargets::new(&case.input(name).expect("targets"), case.columns(name))
}

fn cross_entropy_settings(case: &Case) -> CrossEntropy {
    CrossEntropy {
        class_weights: case.input("class_weight"),
        label_smoothing: case.param("label_smoothing").expect("label smoothing"),
    }
}

#[test]
fn cross_entropy_is_that_of_torch() {
    each("cross_entropy", |case, dtype| {
        let logits = case.var("logits", dtype);
        let labels = labels(case);
        let targets = match case.param("ignore_index").expect("an ignored label") {
            ignored if ignored >= 0. => ClassTargets::new(&labels).ignoring(ignored as u32),
            _ => ClassTargets::new(&labels),
        };
        let settings = cross_entropy_settings(case);
        let loss = cross_entropy(&logits, targets, &settings, reduction(case))?;
        if case.is_undefined() {
            // The reference divides 0 by 0 where no row has a label.
            assert_eq!(scalar(&loss), 0.);
            case.check_gradients(&loss, &[("logits", &logits)]);
        } else {
            case.check(&loss, &[("logits", &logits)]);
        }
        Ok(())
    });
}

#[test]
fn cross_entropy_of_probabilities_is_that_of_torch() {
    each("cross_entropy_soft", |case, dtype| {
        let logits = case.var("logits", dtype);
        let targets = dense(case, "target_probs")?;
        let settings = cross_entropy_settings(case);
        let loss = soft_cross_entropy(&logits, &targets, &settings, reduction(case))?;
        case.check(&loss, &[("logits", &logits)]);
        Ok(())
    });
}

#[test]
fn softmax_focal_is_that_of_kornia() {
    each("softmax_focal", |case, dtype| {
        let logits = case.var("logits", dtype);
        let classes = case.columns("logits");
        let settings = SoftmaxFocal {
            gamma: case.param("gamma").expect("gamma"),
            // The reference knows only two weights, one for class 0 and one for all others.
            class_weights: case.param("alpha").map(|alpha| {
                (0..classes)
                    .map(|class| if class == 0 { 1. - alpha } else { alpha })
                    .collect()
            }),
        };
        let loss = softmax_focal(&logits, &labels(case), &settings, reduction(case))?;
        match reduction(case) {
            // It divides by rows times classes, we by rows.
            Reduction::Mean => case.check(&(loss / classes as f64)?, &[("logits", &logits)]),
            Reduction::Sum => case.check(&loss, &[("logits", &logits)]),
            // It spreads each row over the classes, with zeros off the target.
            Reduction::None => {
                let rows: Vec<f64> = case
                    .expected()
                    .chunks(classes)
                    .map(|row| row.iter().sum())
                    .collect();
                assert_close(&entries(&loss), &rows, case.tolerance(dtype), &case.name);
                case.check_gradients(&loss, &[("logits", &logits)]);
            }
        }
        Ok(())
    });
}

#[test]
fn binary_cross_entropy_is_that_of_torch() {
    each("bce_with_logits", |case, dtype| {
        let logits = case.var("logits", dtype);
        let targets = dense(case, "target")?;
        let settings = BinaryCrossEntropy {
            positive_weights: case.input("pos_weight"),
        };
        let compute =
            |reduction| binary_cross_entropy_with_logits(&logits, &targets, &settings, reduction);
        // Weights of single elements are the caller's, on top of the unreduced loss.
        let loss = match case.input("weight") {
            None => compute(reduction(case))?,
            Some(_) => {
                let weighted = compute(Reduction::None)?.mul(&case.var("weight", dtype))?;
                match reduction(case) {
                    Reduction::Mean => weighted.mean_all()?,
                    Reduction::Sum => weighted.sum_all()?,
                    Reduction::None => weighted,
                }
            }
        };
        case.check(&loss, &[("logits", &logits)]);
        Ok(())
    });
}

#[test]
fn sigmoid_focal_is_that_of_fvcore() {
    each("sigmoid_focal", |case, dtype| {
        let logits = case.var("logits", dtype);
        let settings = SigmoidFocal {
            gamma: case.param("gamma").expect("gamma"),
            alpha: case.param("alpha").filter(|alpha| *alpha >= 0.),
        };
        let loss = sigmoid_focal(&logits, &dense(case, "target")?, &settings, reduction(case))?;
        case.check(&loss, &[("logits", &logits)]);
        Ok(())
    });
}

#[test]
fn regression_losses_are_those_of_torch() {
    type Loss = fn(&Tensor, &DenseTargets, f64, Reduction) -> Result<Tensor, LossError>;
    let losses: [(&str, Loss); 4] = [
        ("mse", |x, y, _, reduction| squared_error(x, y, reduction)),
        ("l1", |x, y, _, reduction| absolute_error(x, y, reduction)),
        ("huber", huber),
        ("smooth_l1", smooth_l1),
    ];
    for (id, loss) in losses {
        each(id, |case, dtype| {
            let predictions = case.var("pred", dtype);
            let border = case.param("p").expect("a border");
            let loss = loss(
                &predictions,
                &dense(case, "target")?,
                border,
                reduction(case),
            )?;
            case.check(&loss, &[("pred", &predictions)]);
            Ok(())
        });
    }
}

#[test]
fn distillation_is_that_of_torch() {
    each("kl_distill", |case, dtype| {
        let (student, teacher) = (case.var("student", dtype), case.var("teacher", dtype));
        let settings = Distillation {
            temperature: case.param("temperature").expect("a temperature"),
            rescaled: case.flag("scale_t2"),
        };
        let loss = distillation_kl(&student, &teacher, &settings, reduction(case))?;
        case.check(&loss, &[("student", &student)]);
        assert!(loss.backward()?.get(&teacher).is_none());
        Ok(())
    });
}

#[test]
fn symmetric_divergence_is_that_of_torch_in_both_arguments() {
    each("sym_kl_plain", |case, dtype| {
        let (first, second) = (case.var("input", dtype), case.var("target", dtype));
        let loss = symmetric_kl(&first, &second, reduction(case))?;
        case.check(&loss, &[("input", &first), ("target", &second)]);
        let swapped = symmetric_kl(&second, &first, reduction(case))?;
        assert_close(
            &gradient(&swapped, &second),
            &gradient(&loss, &second),
            case.tolerance(dtype),
            &case.name,
        );
        Ok(())
    });
}
