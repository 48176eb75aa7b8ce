//! Every gradient method, and how tests run one.

use mtnet_balance::{
    BalanceConfig, BalanceError, GradientBalancer, GradientRows, TaskInfo, TaskLosses,
};
use serde_json::json;

use crate::matrices::Numbers;

/// Tasks `t0`, `t1`, … of two classes.
pub fn tasks(count: usize) -> Vec<TaskInfo> {
    (0..count)
        .map(|task| TaskInfo::new(format!("t{task}"), Some(2)))
        .collect()
}

/// Every gradient method, as a run file would select it, for 3 tasks or more.
pub fn tables() -> Vec<serde_json::Value> {
    vec![
        json!({"method": "constant-gradient"}),
        json!({"method": "random-gradient"}),
        json!({"method": "mgda"}),
        json!({"method": "mgda", "normalize_gradients": "l2"}),
        json!({"method": "mgda", "normalize_gradients": "loss-l2"}),
        json!({"method": "pcgrad"}),
        json!({"method": "gradvac"}),
        json!({"method": "cagrad"}),
        json!({"method": "cagrad", "c": 1.5, "rescale": "one-plus-c"}),
        json!({"method": "nash-mtl"}),
        json!({"method": "nash-mtl", "max_norm": 0.0}),
        json!({"method": "fairgrad", "alpha": 0.5}),
        json!({"method": "fairgrad", "alpha": 2.0}),
        json!({"method": "imtl-g"}),
        json!({"method": "aligned-mtl"}),
        json!({"method": "aligned-mtl", "scale_mode": "median"}),
        json!({"method": "aligned-mtl", "scale_mode": "rmse"}),
        json!({"method": "upgrad"}),
        json!({"method": "upgrad", "reg_eps": 0.0}),
        json!({"method": "dualproj"}),
        json!({"method": "dualproj", "reg_eps": 0.0}),
        json!({"method": "config"}),
        json!({"method": "krum", "byzantine": 0}),
        json!({"method": "gradnorm"}),
        json!({"method": "gradnorm", "parameters": "softmax"}),
        json!({"method": "db-mtl"}),
        json!({"method": "db-mtl", "beta": 0.0}),
        json!({"method": "modo"}),
        json!({"method": "sdmgrad"}),
        json!({"method": "meta-balance", "target": "t0"}),
        json!({"method": "graddrop"}),
        json!({"method": "trimmed-mean", "trim": 1}),
        json!({"method": "excess-mtl"}),
        json!({"method": "moco"}),
        json!({"method": "moco", "projection": "softmax"}),
        json!({"method": "mgda", "wrap": ["unit-norm"]}),
        json!({"method": "upgrad", "wrap": ["log-loss", "log-class"], "normalize": "mean"}),
        json!({"method": "cagrad", "wrap": [{"refresh": {"every": 2}}, {"average": {}}]}),
        json!({"method": "pcgrad", "wrap": [{"warm-up": {"steps": 1}}, {"target-floor": {"task": "t0", "share": 0.3}}]}),
    ]
}

/// The method of a table, for `count` tasks.
pub fn build(table: &serde_json::Value, count: usize) -> GradientBalancer {
    let config: BalanceConfig = serde_json::from_value(table.clone()).unwrap();
    config.build_gradients(&tasks(count), 3).unwrap()
}

/// Positive losses of `count` present tasks.
pub fn step(numbers: &mut Numbers, count: usize) -> TaskLosses {
    let losses = (0..count).map(|_| Some(0.1 + numbers.uniform())).collect();
    TaskLosses::new(losses).unwrap()
}

/// The direction of one step.
pub fn direction(
    balancer: &mut GradientBalancer,
    rows: &[Vec<f64>],
    losses: &TaskLosses,
) -> Result<Vec<f64>, BalanceError> {
    let gradients = GradientRows::from_f64(rows).unwrap();
    let mut direction = Vec::new();
    let mut write = |start: usize, entries: &[f64]| {
        assert_eq!(start, direction.len());
        direction.extend_from_slice(entries);
    };
    balancer.aggregate(&gradients, losses, &mut write)?;
    assert_eq!(direction.len(), gradients.columns());
    Ok(direction)
}
