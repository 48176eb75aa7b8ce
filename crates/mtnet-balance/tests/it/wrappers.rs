//! Wrappers around loss weightings and gradient weightings.

use mtnet_balance::{BalanceConfig, Balancer, Gramian, TaskInfo, TaskLosses};
use serde_json::{Value, json};

use crate::fixture::assert_close;

fn tasks() -> [TaskInfo; 2] {
    [TaskInfo::new("a", Some(3)), TaskInfo::new("b", Some(20))]
}

fn build(table: Value) -> Balancer {
    let config: BalanceConfig = serde_json::from_value(table).unwrap();
    config.build_losses(&tasks(), 0).unwrap()
}

fn losses(a: Option<f64>, b: Option<f64>) -> TaskLosses {
    TaskLosses::new(vec![a, b]).unwrap()
}

#[test]
fn log_class_in_front_of_a_learned_method_follows_the_chain_rule() {
    let table = json!({"method": "uncertainty", "wrap": ["log-class"]});
    let values = [0.8, 2.4];
    let weigh = |a, b| {
        build(table.clone())
            .weigh(&losses(Some(a), Some(b)))
            .unwrap()
    };
    let weights = weigh(values[0], values[1]);
    let expected = [0.5 / 3f64.ln(), 0.5 / 20f64.ln()];
    assert_close(
        &[weights.get(0).unwrap(), weights.get(1).unwrap()],
        &expected,
        1e-12,
        "weights",
    );
    let slope = (weigh(0.8 + 1e-5, 2.4).total() - weigh(0.8 - 1e-5, 2.4).total()) / 2e-5;
    assert_close(&[slope], &expected[..1], 1e-6, "slope");
}

#[test]
fn average_keeps_absent_tasks() {
    let mut balancer = build(json!({"method": "uw-so", "wrap": [{"average": {"decay": 0.5}}]}));
    let first = balancer.weigh(&losses(Some(1.0), Some(2.0))).unwrap();
    balancer.weigh(&losses(None, Some(2.0))).unwrap();
    let third = balancer.weigh(&losses(Some(1.0), None)).unwrap();
    // Alone in the step, a task has the weight 1.
    assert_close(
        &[third.get(0).unwrap()],
        &[0.5 * first.get(0).unwrap() + 0.5],
        1e-12,
        "a",
    );
}

#[test]
fn refresh_asks_every_few_steps_and_for_new_tasks() {
    let mut balancer = build(json!({"method": "uw-so", "wrap": [{"refresh": {"every": 3}}]}));
    let first = balancer.weigh(&losses(Some(1.0), None)).unwrap();
    assert_eq!(first.values(), [Some(1.0), None]);
    // `b` has no kept weight.
    let second = balancer.weigh(&losses(Some(1.0), Some(1.0))).unwrap();
    assert_eq!(second.values(), [Some(0.5), Some(0.5)]);
    for _ in 0..2 {
        let kept = balancer.weigh(&losses(Some(9.0), Some(0.1))).unwrap();
        assert_eq!(kept.values(), second.values());
    }
    let anew = balancer.weigh(&losses(Some(9.0), Some(0.1))).unwrap();
    assert!(anew.get(1) > Some(0.9));
}

#[test]
fn warm_up_hides_the_first_steps_from_the_method() {
    let mut balancer = build(json!({"method": "imtl-l", "wrap": [{"warm-up": {"steps": 2}}]}));
    let fresh = balancer.state();
    for _ in 0..2 {
        let weights = balancer.weigh(&losses(Some(1.0), Some(3.0))).unwrap();
        assert_eq!(
            (weights.values(), weights.total()),
            ([Some(0.5); 2].as_slice(), 2.0)
        );
    }
    assert_eq!(balancer.state().parts, fresh.parts);
    let weights = balancer.weigh(&losses(Some(1.0), Some(3.0))).unwrap();
    assert_eq!(weights.values(), [Some(1.0); 2]);
    assert_ne!(balancer.state().parts, fresh.parts);
}

#[test]
fn target_floor_moves_weight_to_the_target() {
    let floor = |share: f64| json!({"target-floor": {"task": "a", "share": share}});
    let table = json!({"method": "fixed", "weights": {"b": 4.0}, "wrap": [floor(0.4)]});
    let weights = build(table).weigh(&losses(Some(1.0), Some(1.0))).unwrap();
    assert_close(
        &[weights.get(0).unwrap(), weights.get(1).unwrap()],
        &[2.0, 3.0],
        1e-12,
        "raised",
    );
    let table = json!({"method": "fixed", "weights": {"b": 4.0}, "wrap": [floor(0.1)]});
    let weights = build(table).weigh(&losses(Some(1.0), Some(1.0))).unwrap();
    assert_eq!(weights.values(), [Some(1.0), Some(4.0)]);
}

#[test]
fn gradient_wrappers_weigh_the_raw_gradients() {
    let gramian = Gramian::new(2, vec![4.0, 0.0, 0.0, 25.0]).unwrap();
    let weigh = |wrap: Value| {
        let table = json!({"method": "constant-gradient", "wrap": wrap});
        let config: BalanceConfig = serde_json::from_value(table).unwrap();
        let mut balancer = config.build_gradients(&tasks(), 0).unwrap();
        let weights = balancer
            .weigh(&gramian, &losses(Some(0.5), Some(2.0)))
            .unwrap();
        [weights.get(0).unwrap(), weights.get(1).unwrap()]
    };
    assert_close(
        &weigh(json!(["unit-norm"])),
        &[0.25, 0.1],
        1e-12,
        "unit-norm",
    );
    assert_close(&weigh(json!(["log-loss"])), &[1.0, 0.25], 1e-7, "log-loss");
    let scales = [0.5 / 3f64.ln(), 0.5 / 20f64.ln()];
    assert_close(&weigh(json!(["log-class"])), &scales, 1e-12, "log-class");
}

#[test]
fn wrong_wrappers_are_told_what_is_wrong() {
    let build = |table: Value| -> String {
        let config: BalanceConfig = serde_json::from_value(table).unwrap();
        config.build_losses(&tasks(), 0).unwrap_err().to_string()
    };
    assert_eq!(
        build(json!({"method": "equal", "wrap": ["unit-norm"]})),
        "wrapper `unit-norm` works on per-task gradients, but method `equal` uses losses only; remove it from `wrap` or choose a method on gradients",
    );
    let floor = json!({"target-floor": {"task": "aa", "share": 0.5}});
    assert!(build(json!({"method": "equal", "wrap": [floor]})).contains("unknown task `aa`"));
    assert!(
        build(json!({"method": "equal", "wrap": [{"refresh": {"every": 0}}]}))
            .contains("expected 1 or more")
    );
    let table = json!({"method": "graddrop", "wrap": ["unit-norm"]});
    let config: BalanceConfig = serde_json::from_value(table).unwrap();
    let error = config.build_gradients(&tasks(), 0).unwrap_err().to_string();
    assert!(
        error.starts_with("method `graddrop` works on coordinates"),
        "{error}"
    );
}

#[test]
fn a_wrapped_method_resumes_from_its_state() {
    let table = json!({"method": "uncertainty", "wrap": ["log-class", {"average": {}}, {"refresh": {"every": 2}}]});
    let mut whole = build(table.clone());
    for step in 0..5 {
        whole
            .weigh(&losses(Some(1.0 + f64::from(step)), Some(2.0)))
            .unwrap();
    }
    let saved = serde_json::to_string(&whole.state()).unwrap();
    let mut resumed = build(table);
    resumed
        .restore(serde_json::from_str(&saved).unwrap())
        .unwrap();
    for step in 0..5 {
        let losses = losses(Some(0.5 + f64::from(step)), Some(1.0));
        assert_eq!(whole.weigh(&losses), resumed.weigh(&losses));
    }
    let mut unwrapped = build(json!({"method": "uncertainty"}));
    let error = unwrapped.restore(whole.state()).unwrap_err().to_string();
    assert!(
        error.contains("the state was saved by `log-class`"),
        "{error}"
    );
}
