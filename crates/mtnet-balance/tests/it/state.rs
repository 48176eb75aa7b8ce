//! Saving and going on: a method restored from JSON continues to the same bits.

use mtnet_balance::{
    BalanceConfig, BalanceState, Balancer, Observation, ObservationKind, TaskInfo, TaskLosses,
    TaskWeights,
};
use serde_json::json;

/// Losses without a pattern a method could hide behind; the second task is absent at times.
fn losses(step: u64) -> TaskLosses {
    let wave = |phase: f64| (1.5 + (0.7 * step as f64 + phase).sin()) / (1.0 + 0.1 * step as f64);
    let second = (!step.is_multiple_of(3)).then(|| wave(1.0));
    TaskLosses::new(vec![Some(wave(0.0)), second, Some(wave(2.0))])
        .unwrap()
        .at(step, step / 4)
}

fn build(table: &serde_json::Value) -> Balancer {
    let tasks = ["a", "b", "c"].map(|name| TaskInfo::new(name, Some(3)));
    let config: BalanceConfig = serde_json::from_value(table.clone()).unwrap();
    config.build_losses(&tasks, 0).unwrap()
}

/// One step, and whatever the method must be told after it.
fn advance(balancer: &mut Balancer, step: u64) -> TaskWeights {
    let weights = balancer.weigh(&losses(step)).unwrap();
    let observed = losses(step + 100);
    match balancer.observes() {
        Some(ObservationKind::LossesAfterStep) => {
            balancer
                .observe(Observation::LossesAfterStep(&observed))
                .unwrap();
        }
        Some(ObservationKind::ValidationLosses) => {
            balancer
                .observe(Observation::ValidationLosses(&observed))
                .unwrap();
        }
        Some(ObservationKind::ValidationScores) => {
            balancer
                .observe(Observation::ValidationScores(&observed))
                .unwrap();
        }
        None => {}
    }
    weights
}

#[test]
fn stopped_and_resumed_equals_uninterrupted() {
    for table in [
        json!({"method": "equal"}),
        json!({"method": "log-class"}),
        json!({"method": "fixed", "weights": {"a": 0.1}}),
        json!({"method": "uncertainty"}),
        json!({"method": "uncertainty", "optimizer": "sgd"}),
        json!({"method": "scale-invariant"}),
        json!({"method": "geometric-mean"}),
        json!({"method": "revised-uncertainty"}),
        json!({"method": "uw-so"}),
        json!({"method": "imtl-l"}),
        json!({"method": "dwa"}),
        json!({"method": "dwa", "window_steps": 3}),
        json!({"method": "rlw"}),
        json!({"method": "rlw", "distribution": "dirichlet"}),
        json!({"method": "famo"}),
        json!({"method": "stch"}),
        json!({"method": "stch-log", "warmup_epochs": 1}),
        json!({"method": "cosmos", "lambda": 1.0}),
        json!({"method": "pbi"}),
        json!({"method": "slaw"}),
        json!({"method": "dtp"}),
        json!({"method": "coba", "warmup": 4, "history": 6}),
    ] {
        let mut whole = build(&table);
        let mut first = build(&table);
        for step in 0..10 {
            assert_eq!(advance(&mut whole, step), advance(&mut first, step));
        }
        let saved = serde_json::to_string(&first.state()).unwrap();
        let mut resumed = build(&table);
        resumed
            .restore(serde_json::from_str(&saved).unwrap())
            .unwrap();
        for step in 10..25 {
            assert_eq!(
                advance(&mut whole, step),
                advance(&mut resumed, step),
                "{table}"
            );
        }
        // Compared as text, in which NaN equals NaN.
        let text = |balancer: &Balancer| serde_json::to_string(&balancer.state()).unwrap();
        assert_eq!(text(&whole), text(&resumed), "{table}");
    }
}

#[test]
fn an_absent_task_keeps_its_state() {
    let mut balancer = build(&json!({"method": "uncertainty"}));
    balancer.weigh(&losses(1)).unwrap();
    let before = balancer.state();
    let absent = TaskLosses::new(vec![Some(1.0), None, Some(1.0)]).unwrap();
    balancer.weigh(&absent).unwrap();
    let after = balancer.state();
    for (name, values) in &before.vectors {
        assert_eq!(values[1], after.vectors[name][1], "{name}");
        assert_ne!(values[0], after.vectors[name][0], "{name}");
    }
}

#[test]
fn numbers_survive_json_to_the_bit() {
    let values = vec![
        0.1 + 0.2,
        1e-310,
        f64::MAX,
        -0.0,
        f64::INFINITY,
        5e-324,
        1.0 / 3.0,
    ];
    let state = BalanceState::new("equal").with_vector("values", values.clone());
    let written = serde_json::to_string(&state).unwrap();
    let read: BalanceState = serde_json::from_str(&written).unwrap();
    let bits = |values: &[f64]| {
        values
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&read.vectors["values"]), bits(&values));
}

#[test]
fn a_foreign_state_is_refused() {
    let mut balancer = build(&json!({"method": "uncertainty"}));
    let before = balancer.state();
    let error = balancer.restore(BalanceState::new("equal")).unwrap_err();
    assert!(
        error.to_string().contains("the state was saved by `equal`"),
        "{error}"
    );
    let short = BalanceState::new("uncertainty").with_vector("log_variances", vec![0.0]);
    let error = balancer.restore(short).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`log_variances` holds 1 numbers, expected 3"),
        "{error}"
    );
    let bare = BalanceState::new("uncertainty").with_vector("log_variances", vec![9.0; 3]);
    let error = balancer.restore(bare).unwrap_err();
    assert!(
        error.to_string().contains("`first_moment` is missing"),
        "{error}"
    );
    assert_eq!(balancer.state(), before);
}
