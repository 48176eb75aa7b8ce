//! The `[balance]` table: what it accepts, what it refuses, and what it builds.

use mtnet_balance::{BalanceConfig, MethodConfig, TaskInfo, TaskLosses};
use serde_json::json;

fn tasks() -> Vec<TaskInfo> {
    vec![
        TaskInfo::new("intent", Some(7)),
        TaskInfo::new("slots", Some(30)),
        TaskInfo::new("similarity", None),
    ]
}

fn weigh(config: serde_json::Value, losses: [Option<f64>; 3]) -> (Vec<Option<f64>>, f64, f64) {
    let config: BalanceConfig = serde_json::from_value(config).unwrap();
    let mut balancer = config.build_losses(&tasks(), 0).unwrap();
    let weights = balancer
        .weigh(&TaskLosses::new(losses.to_vec()).unwrap())
        .unwrap();
    (weights.values().to_vec(), weights.total(), weights.sum())
}

#[test]
fn the_default_is_the_mean_of_present_losses() {
    assert!(matches!(
        BalanceConfig::default().method,
        MethodConfig::Equal(_)
    ));
    let (weights, total, sum) = weigh(json!({"method": "equal"}), [Some(1.0), None, Some(4.0)]);
    assert_eq!(weights, [Some(0.5), None, Some(0.5)]);
    assert_eq!((total, sum), (2.5, 1.0));
}

#[test]
fn normalize_rescales_over_present_tasks() {
    let fixed = |normalize: &str| {
        weigh(
            json!({"method": "fixed", "weights": {"intent": 3.0}, "normalize": normalize}),
            [Some(1.0), Some(2.0), None],
        )
    };
    assert_eq!(fixed("none"), (vec![Some(3.0), Some(1.0), None], 5.0, 4.0));
    assert_eq!(fixed("sum"), (vec![Some(1.5), Some(0.5), None], 2.5, 2.0));
    assert_eq!(
        fixed("mean"),
        (vec![Some(0.75), Some(0.25), None], 1.25, 1.0)
    );
}

#[test]
fn log_class_divides_by_the_logarithm_of_the_classes() {
    let (weights, ..) = weigh(json!({"method": "log-class"}), [Some(1.0); 3]);
    let expected = [1.0 / 7f64.ln(), 1.0 / 30f64.ln(), 1.0].map(Some);
    assert_eq!(weights, expected);
}

#[test]
fn a_step_without_tasks_has_no_weights() {
    for method in ["equal", "log-class", "uncertainty"] {
        let (weights, total, sum) =
            weigh(json!({"method": method, "normalize": "mean"}), [None; 3]);
        assert_eq!((weights, total, sum), (vec![None; 3], 0.0, 0.0), "{method}");
    }
}

#[test]
fn a_wrong_table_is_told_what_is_wrong() {
    for (table, expected) in [
        (
            json!({"method": "uncertainy"}),
            "did you mean `uncertainty`? unknown variant `uncertainy`",
        ),
        (
            json!({"method": "upgrads"}),
            "did you mean `upgrad`? unknown variant `upgrads`",
        ),
        (
            json!({"method": "cagrad", "rescale": "one-plus"}),
            "unknown variant `one-plus`, expected",
        ),
        (
            json!({"method": "equal", "weights": {}}),
            "unknown field `weights`",
        ),
        (
            json!({"method": "uncertainty", "learning_rat": 1.0}),
            "did you mean `learning_rate`? unknown field `learning_rat`, expected one of `initial_log_variance`",
        ),
        (json!({"method": "fixed"}), "missing field `weights`"),
        (
            json!({"method": "equal", "normalize": "max"}),
            "unknown variant `max`",
        ),
    ] {
        let error = serde_json::from_value::<BalanceConfig>(table.clone())
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{table}: {error}");
    }
}

#[test]
fn a_wrong_setting_is_told_what_is_wrong() {
    for (table, expected) in [
        (
            json!({"method": "fixed", "weights": {"intents": 2.0}}),
            "`balance.weights` names the unknown task `intents`, did you mean `intent`?; known tasks: intent, slots, similarity",
        ),
        (
            json!({"method": "fixed", "weights": {"intent": -2.0}}),
            "`fixed`: setting `weights` is -2 for task `intent`, expected a finite number of 0 or above",
        ),
        (
            json!({"method": "uncertainty", "learning_rate": 0.0}),
            "`uncertainty`: setting `learning_rate` is 0, expected a finite number above 0",
        ),
    ] {
        let config: BalanceConfig = serde_json::from_value(table).unwrap();
        assert_eq!(
            config.build_losses(&tasks(), 0).unwrap_err().to_string(),
            expected
        );
    }
}

#[test]
fn tasks_must_exist_and_differ() {
    let build = |tasks: &[TaskInfo]| {
        BalanceConfig::default()
            .build(tasks)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(build(&[]), "balancing needs at least 1 task, got none");
    let twice = [TaskInfo::new("a", None), TaskInfo::new("a", None)];
    assert_eq!(
        build(&twice),
        "task `a` given twice; task names must differ"
    );
    let one_class = [TaskInfo::new("a", Some(1))];
    let config: BalanceConfig = serde_json::from_value(json!({"method": "log-class"})).unwrap();
    assert!(
        config
            .build(&one_class)
            .unwrap_err()
            .to_string()
            .contains("has 1 class")
    );
}

#[test]
fn losses_must_be_finite_and_of_the_right_number() {
    let error = TaskLosses::new(vec![Some(1.0), Some(f64::NAN)]).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the loss of task number 1 (from 0) is NaN")
    );
    let mut balancer = BalanceConfig::default().build_losses(&tasks(), 0).unwrap();
    let error = balancer
        .weigh(&TaskLosses::new(vec![Some(1.0)]).unwrap())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("got losses of 1 tasks, expected 3")
    );
}

#[test]
fn a_table_written_and_read_is_the_same() {
    for table in [
        json!({"method": "equal"}),
        json!({"method": "fixed", "weights": {"intent": 2.0}, "normalize": "sum"}),
        json!({"method": "uncertainty", "min_log_variance": -3.0, "form": "by-task"}),
    ] {
        let config: BalanceConfig = serde_json::from_value(table).unwrap();
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(
            serde_json::from_str::<BalanceConfig>(&written).unwrap(),
            config
        );
    }
}
