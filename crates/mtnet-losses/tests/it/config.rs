//! Losses as a run file states them.

use candle_core::DType;
use mtnet_losses::{
    BinaryCrossEntropy, ClassificationLoss, ClassificationLossConfig, CrossEntropy, DenseTargets,
    LabelWeights, LossError, MultiLabelLoss, MultiLabelLossConfig, Reduction, RegressionLossConfig,
    SigmoidFocal, SoftmaxFocal, huber,
};
use serde::de::DeserializeOwned;
use serde_json::{from_str, to_string};

use crate::support::{entries, matrix};

#[test]
fn a_type_alone_brings_the_defaults() -> serde_json::Result<()> {
    let parsed: ClassificationLossConfig = from_str(r#"{"type": "cross-entropy"}"#)?;
    assert_eq!(parsed, ClassificationLossConfig::default());
    let parsed: ClassificationLossConfig = from_str(r#"{"type": "focal"}"#)?;
    let expected = ClassificationLossConfig::Focal {
        gamma: 2.,
        alpha: LabelWeights::None,
    };
    assert_eq!(parsed, expected);
    let parsed: MultiLabelLossConfig = from_str(r#"{"type": "bce"}"#)?;
    assert_eq!(parsed, MultiLabelLossConfig::default());
    let parsed: MultiLabelLossConfig = from_str(r#"{"type": "focal"}"#)?;
    let expected = MultiLabelLossConfig::Focal {
        alpha: 0.25,
        gamma: 2.,
    };
    assert_eq!(parsed, expected);
    let parsed: RegressionLossConfig = from_str(r#"{"type": "mse"}"#)?;
    assert_eq!(parsed, RegressionLossConfig::default());
    let parsed: RegressionLossConfig = from_str(r#"{"type": "huber"}"#)?;
    assert_eq!(parsed, RegressionLossConfig::Huber { delta: 1. });
    let parsed: RegressionLossConfig = from_str(r#"{"type": "smooth-l1"}"#)?;
    assert_eq!(parsed, RegressionLossConfig::SmoothL1 { beta: 1. });
    assert_eq!(
        from_str::<RegressionLossConfig>(r#"{"type": "l1"}"#)?,
        RegressionLossConfig::L1 {}
    );
    Ok(())
}

#[test]
fn what_is_written_is_read_again() -> serde_json::Result<()> {
    for class_weights in [
        LabelWeights::None,
        LabelWeights::Balanced,
        LabelWeights::Given(vec![1., 0.5]),
    ] {
        let config = ClassificationLossConfig::CrossEntropy {
            label_smoothing: 0.1,
            class_weights,
        };
        assert_eq!(
            from_str::<ClassificationLossConfig>(&to_string(&config)?)?,
            config
        );
    }
    let written = r#"{"type": "bce", "positive_weights": [1, 2.5]}"#;
    let expected = MultiLabelLossConfig::Bce {
        positive_weights: LabelWeights::Given(vec![1., 2.5]),
    };
    assert_eq!(from_str::<MultiLabelLossConfig>(written)?, expected);
    Ok(())
}

#[test]
fn unknown_keys_types_and_words_are_refused() {
    fn refuse<T: DeserializeOwned + std::fmt::Debug>(written: &str, expected: &str) {
        let message = from_str::<T>(written).expect_err(written).to_string();
        assert!(message.contains(expected), "{written}: {message}");
    }
    refuse::<ClassificationLossConfig>(
        r#"{"type": "cross-entropy", "smoothing": 0.1}"#,
        "unknown field `smoothing`, expected `label_smoothing` or `class_weights`",
    );
    refuse::<ClassificationLossConfig>(
        r#"{"type": "hinge"}"#,
        "unknown variant `hinge`, expected `cross-entropy` or `focal`",
    );
    refuse::<ClassificationLossConfig>(
        r#"{"type": "cross-entropy", "class_weights": "balance"}"#,
        r#"invalid value: string "balance", expected "none", "balanced" or a list of numbers"#,
    );
    refuse::<ClassificationLossConfig>(
        r#"{"type": "focal", "alpha": 0.25}"#,
        r#"expected "none", "balanced" or a list of numbers, one a label"#,
    );
    refuse::<MultiLabelLossConfig>(r#"{"type": "bce", "gamma": 2}"#, "unknown field `gamma`");
    // Types without settings too.
    refuse::<RegressionLossConfig>(r#"{"type": "mse", "delta": 2}"#, "unknown field `delta`");
    refuse::<RegressionLossConfig>(r#"{"type": "l1", "beta": 2}"#, "unknown field `beta`");
    refuse::<RegressionLossConfig>(r#"{"delta": 2}"#, "missing field `type`");
}

#[test]
fn numbers_out_of_range_are_named() {
    let classification = |written: &str| {
        let config: ClassificationLossConfig = from_str(written).expect(written);
        let checked = config.check().expect_err(written).to_string();
        assert_eq!(
            config.build(&[1, 1]).expect_err(written).to_string(),
            checked
        );
        checked
    };
    assert_eq!(
        classification(r#"{"type": "cross-entropy", "label_smoothing": 1.5}"#),
        "label_smoothing is 1.5, expected a number from 0 to below 1"
    );
    assert_eq!(
        classification(r#"{"type": "cross-entropy", "class_weights": [1, -2]}"#),
        "class_weights is -2, expected finite weights of at least 0"
    );
    assert_eq!(
        classification(r#"{"type": "focal", "alpha": []}"#),
        "alpha is [], expected at least one weight above 0"
    );
    assert_eq!(
        classification(r#"{"type": "focal", "gamma": -0.5}"#),
        "gamma is -0.5, expected a number of at least 0"
    );
    let alpha = MultiLabelLossConfig::Focal {
        alpha: 1.1,
        gamma: 2.,
    };
    assert_eq!(
        alpha.check().expect_err("above 1").to_string(),
        "alpha is 1.1, expected a number from 0 to 1"
    );
    assert!(RegressionLossConfig::Huber { delta: 0. }.check().is_err());
    assert!(
        RegressionLossConfig::SmoothL1 { beta: -1. }
            .check()
            .is_err()
    );
    assert!(RegressionLossConfig::SmoothL1 { beta: 0. }.check().is_ok());
}

#[test]
fn balanced_weights_come_from_the_counts() -> Result<(), LossError> {
    let config = ClassificationLossConfig::CrossEntropy {
        label_smoothing: 0.1,
        class_weights: LabelWeights::Balanced,
    };
    // As scikit-learn 1.x: compute_class_weight("balanced") of 6, 3 and 1 examples.
    let expected = ClassificationLoss::CrossEntropy(CrossEntropy {
        class_weights: Some(vec![10. / 18., 10. / 9., 10. / 3.]),
        label_smoothing: 0.1,
    });
    assert_eq!(config.build(&[6, 3, 1])?, expected);

    let config = MultiLabelLossConfig::Bce {
        positive_weights: LabelWeights::Balanced,
    };
    let expected = MultiLabelLoss::BinaryCrossEntropy(BinaryCrossEntropy {
        positive_weights: Some(vec![9., 1.]),
    });
    assert_eq!(config.build(&[1, 5], 10)?, expected);

    let given = ClassificationLossConfig::Focal {
        gamma: 1.,
        alpha: LabelWeights::Given(vec![1., 2.]),
    };
    assert_eq!(
        given.build(&[1, 1, 1]).expect_err("too few").to_string(),
        "alpha has 2 weights, expected 3, one a label"
    );
    Ok(())
}

#[test]
fn a_built_loss_computes_what_its_function_computes() -> Result<(), LossError> {
    let logits = matrix(&[&[1., -2.], &[0.5, 3.]], DType::F64);
    let targets = DenseTargets::new(&[0., 1., 1., 1.], 2)?;
    let none = Reduction::None;
    let same = |found: candle_core::Tensor, expected: candle_core::Tensor| {
        assert_eq!(found.dims(), expected.dims());
        assert_eq!(entries(&found), entries(&expected));
    };

    let built = ClassificationLossConfig::default().build(&[1, 1])?;
    let plain = CrossEntropy::default();
    same(
        built.compute(&logits, &[0, 1], none)?,
        mtnet_losses::cross_entropy(&logits, &[0, 1], &plain, none)?,
    );
    let focal: ClassificationLossConfig = from_str(r#"{"type": "focal"}"#).expect("a focal loss");
    same(
        focal.build(&[1, 1])?.compute(&logits, &[0, 1], none)?,
        mtnet_losses::softmax_focal(&logits, &[0, 1], &SoftmaxFocal::default(), none)?,
    );
    let focal: MultiLabelLossConfig = from_str(r#"{"type": "focal"}"#).expect("a focal loss");
    same(
        focal.build(&[1, 1], 2)?.compute(&logits, &targets, none)?,
        mtnet_losses::sigmoid_focal(&logits, &targets, &SigmoidFocal::default(), none)?,
    );
    let config = RegressionLossConfig::Huber { delta: 0.5 };
    same(
        config.compute(&logits, &targets, none)?,
        huber(&logits, &targets, 0.5, none)?,
    );
    Ok(())
}

#[test]
fn the_schema_names_types_settings_and_words() {
    let schema = schemars::schema_for!(ClassificationLossConfig);
    let text = serde_json::to_string(&schema).expect("a schema");
    for part in [
        "\"cross-entropy\"",
        "\"label_smoothing\"",
        "\"balanced\"",
        "\"additionalProperties\":false",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
