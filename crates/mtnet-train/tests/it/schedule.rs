//! Learning-rate schedules against Hugging Face's, and their settings.

use mtnet_train::schedule::{Schedule, ScheduleConfig, SchedulerType};
use serde_json::Value;

use crate::optimizer::{fixture, numbers};

#[test]
fn rates_are_the_reference_ones() {
    let fixture = fixture();
    let cases = fixture["schedules"]["cases"].as_array().expect("cases");
    for case in cases {
        let id = case["id"].as_str().expect("an id");
        let params = &case["params"];
        let base = params["base_lr"].as_f64().expect("a rate");
        let total = params["total_steps"].as_u64().expect("steps");
        let floor = params["lr_end"].as_f64().map(|end| end / base);
        let config = ScheduleConfig {
            lr_scheduler_type: kind(id),
            warmup_steps: params["warmup_steps"].as_u64().expect("steps"),
            min_lr_rate: floor.or(params["min_lr_rate"].as_f64()).unwrap_or(0.0),
            lr_power: params["power"].as_f64().unwrap_or(1.0),
            ..Default::default()
        };
        let schedule = Schedule::new(&config, total).expect(id);
        for (step, expected) in numbers(&case["lr"]).into_iter().enumerate() {
            // Past the planned steps the reference's cosine rises again; ours stays down.
            if kind(id) == SchedulerType::Cosine && step as u64 >= total {
                continue;
            }
            let found = base * schedule.learning_rate_factor(step as u64);
            assert!(
                (found - expected).abs() <= 1e-9 * base,
                "{id}, step {step}: {found}, expected {expected}"
            );
        }
    }
    assert!(cases.len() > 20, "{}", cases.len());
}

fn kind(id: &str) -> SchedulerType {
    let name = ["constant_with_warmup", "inverse_sqrt"]
        .into_iter()
        .find(|name| id.starts_with(name))
        .unwrap_or_else(|| id.split('_').next().expect("a name"));
    serde_json::from_value(Value::from(name)).expect("a scheduler type")
}

#[test]
fn a_run_that_outlasts_its_plan_stays_at_the_floor() {
    for kind in [
        SchedulerType::Linear,
        SchedulerType::Cosine,
        SchedulerType::Polynomial,
    ] {
        let config = ScheduleConfig {
            lr_scheduler_type: kind,
            min_lr_rate: 0.25,
            ..Default::default()
        };
        let schedule = Schedule::new(&config, 10).expect("a schedule");
        for step in [10, 11, 15, 1_000_000] {
            let factor = schedule.learning_rate_factor(step);
            assert!((factor - 0.25).abs() < 1e-15, "{kind:?} {step}: {factor}");
        }
    }
}

#[test]
fn constant_knows_no_warm_up() {
    let config = ScheduleConfig {
        lr_scheduler_type: SchedulerType::Constant,
        warmup_steps: 5,
        ..Default::default()
    };
    let schedule = Schedule::new(&config, 10).expect("a schedule");
    assert!((0..20).all(|step| schedule.learning_rate_factor(step) == 1.0));
}

#[test]
fn a_ratio_is_rounded_up_and_steps_override_it() {
    let with = |warmup_steps, warmup_ratio| {
        let config = ScheduleConfig {
            warmup_steps,
            warmup_ratio,
            ..Default::default()
        };
        Schedule::new(&config, 101)
            .expect("a schedule")
            .warmup_steps()
    };
    assert_eq!(with(0, 0.0), 0);
    assert_eq!(with(0, 0.06), 7);
    assert_eq!(with(0, 1.0), 101);
    assert_eq!(with(3, 0.5), 3);
}

#[test]
fn settings_out_of_range_are_named() {
    let check = |config: ScheduleConfig, message: &str| {
        let error = Schedule::new(&config, 10).expect_err(message);
        assert_eq!(error.to_string(), message);
    };
    check(
        ScheduleConfig {
            warmup_ratio: 1.5,
            ..Default::default()
        },
        "`warmup_ratio` is 1.5, expected a number in [0, 1]",
    );
    check(
        ScheduleConfig {
            min_lr_rate: f64::NAN,
            ..Default::default()
        },
        "`min_lr_rate` is NaN, expected a number in [0, 1]",
    );
    check(
        ScheduleConfig {
            lr_power: 0.0,
            ..Default::default()
        },
        "`lr_power` is 0, expected a finite number above 0",
    );
    let text = r#"{"lr_scheduler_type": "cosine", "warmup_ratio": 0.1}"#;
    let config: ScheduleConfig = serde_json::from_str(text).expect("names as users know them");
    assert_eq!(config.lr_scheduler_type, SchedulerType::Cosine);
    let error = serde_json::from_str::<ScheduleConfig>(r#"{"warmup": 5}"#).expect_err("a typo");
    assert!(error.to_string().contains("unknown field `warmup`"));
}
