//! What is told of wrong settings, parameters and gradients.

use candle_core::{DType, Device, Var};
use mtnet_train::optimizer::{
    Optimizer, OptimizerConfig, OptimizerError, OptimizerKind, Parameter, ParameterGroup,
};
use mtnet_train::schedule::{ScheduleConfig, SchedulerType};

use super::{gradients, vector};

#[test]
fn mistakes_are_told() {
    let check = |config: OptimizerConfig, message: &str| {
        let error = Optimizer::new(&config, []).expect_err(message);
        assert_eq!(error.to_string(), message);
    };
    let base = OptimizerConfig::default;
    check(
        OptimizerConfig {
            learning_rate: -1.0,
            ..base()
        },
        "`learning_rate` is -1, expected a finite number, at least 0",
    );
    check(
        OptimizerConfig {
            adam_beta2: 1.0,
            ..base()
        },
        "`adam_beta2` is 1, expected a number in [0, 1)",
    );
    check(
        OptimizerConfig {
            layerwise_decay: Some(0.0),
            ..base()
        },
        "`layerwise_decay` is 0, expected a number in (0, 1]",
    );
    check(
        OptimizerConfig {
            head_learning_rate: Some(f64::NAN),
            ..base()
        },
        "`head_learning_rate` is NaN, expected a finite number, at least 0",
    );

    let parameter = |name: &str, variable: Var| Parameter {
        name: name.to_owned(),
        variable,
        group: ParameterGroup {
            name: "all".to_owned(),
            learning_rate: 1.0,
            weight_decay: 0.0,
        },
    };
    let twice = [
        parameter("w", vector(&[1.0])),
        parameter("w", vector(&[2.0])),
    ];
    let error = Optimizer::new(&base(), twice).expect_err("twice");
    assert!(error.to_string().starts_with("parameter `w` given twice"));
    let whole = Var::zeros(2, DType::U32, &Device::Cpu).expect("a variable");
    let error = Optimizer::new(&base(), [parameter("ids", whole)]).expect_err("whole numbers");
    assert!(
        error
            .to_string()
            .starts_with("parameter `ids` has dtype U32")
    );

    let mut optimizer =
        Optimizer::new(&base(), [parameter("w", vector(&[1.0, 2.0]))]).expect("an optimizer");
    let error = optimizer
        .step(&gradients(&[("w", &[1.0])]), 1.0)
        .expect_err("a shape");
    assert!(
        matches!(error, OptimizerError::GradientShape { .. }),
        "{error}"
    );

    let text = r#"{"learning_rate": 1e-4, "optimizer": "sgd"}"#;
    let config: OptimizerConfig = serde_json::from_str(text).expect("names as users know them");
    assert_eq!(config.optimizer, OptimizerKind::Sgd);
    assert_eq!(config.weight_decay, 0.01);
    let error = serde_json::from_str::<OptimizerConfig>(r#"{"lr": 1}"#).expect_err("a typo");
    assert!(error.to_string().contains("unknown field `lr`"));
}

/// A run file has one table for both, beside other keys.
#[test]
fn settings_may_be_flattened_into_a_larger_table() {
    #[derive(serde::Deserialize)]
    struct Table {
        epochs: f64,
        #[serde(flatten)]
        optimizer: OptimizerConfig,
        #[serde(flatten)]
        schedule: ScheduleConfig,
    }
    let text = r#"{"epochs": 3, "learning_rate": 1, "warmup_ratio": 0.5,
        "lr_scheduler_type": "cosine", "optimizer": "sgd"}"#;
    let table: Table = serde_json::from_str(text).expect("a table");
    assert_eq!(table.epochs, 3.0);
    assert_eq!(table.optimizer.learning_rate, 1.0);
    assert_eq!(table.optimizer.optimizer, OptimizerKind::Sgd);
    assert_eq!(table.schedule.warmup_ratio, 0.5);
    assert_eq!(table.schedule.lr_scheduler_type, SchedulerType::Cosine);
}
