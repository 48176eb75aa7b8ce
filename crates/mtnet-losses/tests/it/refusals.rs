//! What is wrong is named: the row, the value, what was expected.

use candle_core::{DType, Device, Tensor};
use mtnet_losses::{
    BinaryCrossEntropy, CrossEntropy, DenseTargets, Distillation, LossError, Reduction,
    SigmoidFocal, SoftmaxFocal, binary_cross_entropy_with_logits, cross_entropy, distillation_kl,
    huber, sigmoid_focal, smooth_l1, soft_cross_entropy, softmax_focal, squared_error,
};

fn logits() -> Tensor {
    Tensor::zeros((2, 3), DType::F32, &Device::Cpu).expect("a small tensor")
}

fn message<T: std::fmt::Debug>(result: Result<T, LossError>) -> String {
    result.expect_err("an error").to_string()
}

#[test]
fn targets_that_are_no_class() {
    let plain = CrossEntropy::default();
    assert_eq!(
        message(cross_entropy(&logits(), &[0, 3], &plain, Reduction::Mean)),
        "target of row 1 is class 3, but the logits have 3 classes; mark a missing label with the ignored label"
    );
    assert_eq!(
        message(softmax_focal(
            &logits(),
            &[0],
            &SoftmaxFocal::default(),
            Reduction::Mean
        )),
        "1 targets for 2 rows of predictions, expected one a row"
    );
}

#[test]
fn targets_that_are_no_numbers() -> Result<(), LossError> {
    assert_eq!(
        message(DenseTargets::new(&[0., 1., f64::NAN, 2.], 2)),
        "target of row 1, column 0 is NaN, expected a finite number; mask it if it is missing"
    );
    assert_eq!(
        message(DenseTargets::nan_is_missing(&[f32::NAN, f32::INFINITY], 1)),
        "target of row 1, column 0 is inf, expected a finite number; mask it if it is missing"
    );
    assert!(DenseTargets::masked(&[f64::NAN, 1.], 2, &[false, true]).is_ok());
    assert_eq!(
        message(DenseTargets::masked(&[f64::NAN, 1.], 2, &[true])),
        "1 mask entries do not fill rows of 2 columns, expected 2, one a value"
    );
    assert_eq!(
        message(DenseTargets::new(&[0f32; 5], 2)),
        "5 target values do not fill rows of 2 columns, expected a multiple of a width of at least 1"
    );
    assert!(message(DenseTargets::new(&[0f32; 5], 0)).contains("rows of 0 columns"));

    let targets = DenseTargets::new(&[0f32, 1., 0.5, 0., 1., 1.5], 3)?;
    let bce = BinaryCrossEntropy::default();
    assert_eq!(
        message(binary_cross_entropy_with_logits(
            &logits(),
            &targets,
            &bce,
            Reduction::Mean
        )),
        "target of row 1, column 2 is 1.5, expected a number from 0 to 1; mask it if it is missing"
    );
    assert_eq!(
        message(sigmoid_focal(
            &logits(),
            &targets,
            &SigmoidFocal::default(),
            Reduction::Mean
        )),
        "target of row 0, column 2 is 0.5, expected 0 or 1; mask it if it is missing"
    );
    Ok(())
}

#[test]
fn targets_that_are_no_distribution() -> Result<(), LossError> {
    let check = |values: [f64; 6]| {
        let targets = DenseTargets::nan_is_missing(&values, 3)?;
        let plain = CrossEntropy::default();
        Ok::<_, LossError>(message(soft_cross_entropy(
            &logits(),
            &targets,
            &plain,
            Reduction::Mean,
        )))
    };
    assert_eq!(
        check([0.5, 0.5, 0., 30., 50., 20.])?,
        "target probabilities of row 1 sum to 100, expected 1; divide them by their sum"
    );
    assert_eq!(
        check([0.5, 0.75, -0.25, 1., 0., 0.])?,
        "target of row 0, column 2 is -0.25, expected a probability of at least 0; mask it if it is missing"
    );
    assert_eq!(
        check([0.5, 0.5, f64::NAN, 1., 0., 0.])?,
        "row 0 has 2 of 3 class probabilities, expected all of them or none"
    );
    Ok(())
}

#[test]
fn teachers_that_answer_nothing() -> Result<(), LossError> {
    let teacher = Tensor::new(&[[0f32, 1., 2.], [0., f32::NAN, 1.]], &Device::Cpu)?;
    let settings = Distillation::default();
    assert_eq!(
        message(distillation_kl(
            &logits(),
            &teacher,
            &settings,
            Reduction::Mean
        )),
        "teacher logits: row 1 holds a value that is not finite"
    );
    let frozen = Distillation {
        temperature: 0.,
        rescaled: true,
    };
    assert_eq!(
        message(distillation_kl(
            &logits(),
            &logits(),
            &frozen,
            Reduction::Mean
        )),
        "temperature is 0, expected a number above 0"
    );
    Ok(())
}

#[test]
fn tensors_of_another_shape_or_type() -> Result<(), LossError> {
    let targets = DenseTargets::new(&[0f32; 4], 2)?;
    assert_eq!(
        message(squared_error(&logits(), &targets, Reduction::Mean)),
        "predictions have shape [2, 3], expected (2, 2), that of the targets"
    );
    assert_eq!(
        message(squared_error(
            &logits().flatten_all()?,
            &targets,
            Reduction::Mean
        )),
        "predictions have shape [6], expected (rows, columns)"
    );
    let whole = logits().to_dtype(DType::U32)?;
    assert_eq!(
        message(cross_entropy(
            &whole,
            &[0, 0],
            &CrossEntropy::default(),
            Reduction::Mean
        )),
        "logits are of type U32, expected f64, f32, bf16 or f16"
    );
    let narrow = logits().narrow(1, 0, 2)?;
    assert_eq!(
        message(distillation_kl(
            &logits(),
            &narrow,
            &Distillation::default(),
            Reduction::Mean
        )),
        "teacher logits have shape [2, 2], expected [2, 3], that of the student logits"
    );
    Ok(())
}

#[test]
fn settings_out_of_range() -> Result<(), LossError> {
    let weighted = |weights: &[f64]| CrossEntropy {
        class_weights: Some(weights.to_vec()),
        label_smoothing: 0.,
    };
    let of = |settings: &CrossEntropy| {
        message(cross_entropy(&logits(), &[0, 0], settings, Reduction::Mean))
    };
    assert_eq!(
        of(&weighted(&[1.])),
        "class_weights has 1 weights, expected 3, one a label"
    );
    assert_eq!(
        of(&weighted(&[1., -1., 1.])),
        "class_weights is -1, expected finite weights of at least 0"
    );
    assert!(of(&weighted(&[1., f64::NAN, 1.])).contains("NaN"));
    assert_eq!(
        of(&weighted(&[0., 0., 0.])),
        "class_weights is [0.0, 0.0, 0.0], expected at least one weight above 0"
    );
    let smooth = CrossEntropy {
        class_weights: None,
        label_smoothing: 1.,
    };
    assert_eq!(
        of(&smooth),
        "label_smoothing is 1, expected a number from 0 to below 1"
    );

    let targets = DenseTargets::new(&[0f32; 6], 3)?;
    let focal = SigmoidFocal {
        gamma: -1.,
        alpha: None,
    };
    assert_eq!(
        message(sigmoid_focal(&logits(), &targets, &focal, Reduction::Mean)),
        "gamma is -1, expected a number of at least 0"
    );
    assert_eq!(
        message(huber(&logits(), &targets, 0., Reduction::Mean)),
        "delta is 0, expected a number above 0"
    );
    assert_eq!(
        message(smooth_l1(&logits(), &targets, f64::NAN, Reduction::Mean)),
        "beta is NaN, expected a number of at least 0"
    );
    Ok(())
}
