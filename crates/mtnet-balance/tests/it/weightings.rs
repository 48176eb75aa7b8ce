//! Loss weightings against vectors that published implementations computed.

use mtnet_balance::loss::*;
use mtnet_balance::{Observation, OptimizerKind, TaskInfo, TaskLosses};
use serde_json::{Value, json};

use crate::fixture::{assert_close, matrix, numbers, weightings};

/// What a test compares at a step, beside the weights.
#[derive(Clone, Copy, PartialEq)]
enum Total {
    Compared,
    Shifted,
}

fn tasks(count: usize) -> Vec<TaskInfo> {
    (0..count)
        .map(|task| TaskInfo::new(format!("t{task}"), None))
        .collect()
}

/// `{"t0": values[0], …}`, the first `count` of them.
fn by_name(values: &Value, count: usize) -> Value {
    let entries = numbers(values).into_iter().take(count).enumerate();
    Value::Object(entries.map(|(i, v)| (format!("t{i}"), json!(v))).collect())
}

fn run<W: LossWeighting>(
    id: &str,
    total: Total,
    make: impl Fn(&Value, usize) -> W,
    parameters: impl Fn(&W) -> Vec<f64>,
) {
    let fixture = weightings();
    let method = fixture.method(id);
    let tolerance = method["tolerance"].as_f64().unwrap();
    let params = &method["params"];
    let steps_per_epoch = params["batches_per_epoch"].as_u64().unwrap_or(1);
    let mut compared = 0;
    for case in method["cases"].as_array().unwrap() {
        let sequence = fixture.sequence(case["sequence"].as_str().unwrap());
        let losses = matrix(&sequence["losses"]);
        let after = matrix(&sequence["losses_after"]);
        let mut weighting = make(params, losses[0].len());
        for (step, expected) in case["steps"].as_array().unwrap().iter().enumerate() {
            let place = format!("{id} {} step {step}", case["sequence"]);
            let at = |row: &[f64]| {
                let present = row.iter().copied().map(Some).collect();
                let losses = TaskLosses::new(present).unwrap();
                losses.at(step as u64, step as u64 / steps_per_epoch)
            };
            if let Some(before) = expected.get("param_before").or(expected.get("w_before")) {
                assert_close(&parameters(&weighting), &numbers(before), tolerance, &place);
            }
            let weights = weighting.weigh(&at(&losses[step])).unwrap();
            let values: Vec<f64> = weights.values().iter().flatten().copied().collect();
            assert_close(&values, &numbers(&expected["weights"]), tolerance, &place);
            if total == Total::Compared {
                let expected = expected["total"].as_f64().unwrap();
                assert_close(&[weights.total()], &[expected], tolerance, &place);
            }
            weighting
                .observe(Observation::LossesAfterStep(&at(&after[step])))
                .unwrap();
            if let Some(after) = expected.get("param_after").or(expected.get("w_after")) {
                assert_close(&parameters(&weighting), &numbers(after), tolerance, &place);
            }
            compared += 1;
        }
    }
    assert!(compared >= 60, "{id}: only {compared} steps compared");
}

fn none<W>(_: &W) -> Vec<f64> {
    Vec::new()
}

fn optimizer(params: &Value) -> (OptimizerKind, f64) {
    let kind = match params["optimizer"].as_str() {
        Some("Adam") => OptimizerKind::Adam,
        _ => OptimizerKind::Sgd,
    };
    (kind, params["lr"].as_f64().unwrap())
}

#[test]
fn constant_weights() {
    run(
        "torchjd.Mean",
        Total::Compared,
        |_, m| EqualWeighting::new(m),
        none,
    );
    run(
        "torchjd.Constant",
        Total::Compared,
        |params, m| {
            let table = json!({"weights": by_name(&params["weights"], m)});
            let config: FixedConfig = serde_json::from_value(table).unwrap();
            FixedWeighting::new(&config, &tasks(m)).unwrap()
        },
        none,
    );
}

#[test]
fn sum_is_the_normalised_mean() {
    let fixture = weightings();
    for case in fixture.method("torchjd.Sum")["cases"].as_array().unwrap() {
        let sequence = fixture.sequence(case["sequence"].as_str().unwrap());
        let losses = matrix(&sequence["losses"]);
        let table = json!({"method": "equal", "normalize": "sum"});
        let config: mtnet_balance::BalanceConfig = serde_json::from_value(table).unwrap();
        let mut balancer = config.build_losses(&tasks(losses[0].len()), 0).unwrap();
        for (row, expected) in losses.iter().zip(case["steps"].as_array().unwrap()) {
            let losses = TaskLosses::new(row.iter().copied().map(Some).collect()).unwrap();
            let weights = balancer.weigh(&losses).unwrap();
            assert_close(
                &[weights.total()],
                &[expected["total"].as_f64().unwrap()],
                1e-7,
                "sum",
            );
            assert!((weights.sum() - row.len() as f64).abs() < 1e-12);
        }
    }
}

#[test]
fn geometric_mean() {
    for id in ["torchjd.GeometricMean", "libmtl.GLS"] {
        run(
            id,
            Total::Compared,
            |_, m| GeometricMeanWeighting::new(m),
            none,
        );
    }
}

#[test]
fn scale_invariant() {
    run(
        "dbmtl.log_transform",
        Total::Compared,
        |_, m| ScaleInvariantWeighting::new(&ScaleInvariantConfig::default(), m).unwrap(),
        none,
    );
}

#[test]
fn stch() {
    for id in [
        "torchjd.STCH.mu1.0",
        "torchjd.STCH.mu0.1",
        "torchjd.STCH.mu0.01",
        "torchjd.STCH.ref",
    ] {
        run(
            id,
            Total::Compared,
            |params, m| {
                let mut table = json!({"mu": params["mu"]});
                if params["weights"].is_array() {
                    table["weights"] = by_name(&params["weights"], m);
                    table["reference"] = by_name(&params["reference"], m);
                }
                let config: StchConfig = serde_json::from_value(table).unwrap();
                StchWeighting::new(&config, &tasks(m)).unwrap()
            },
            none,
        );
    }
}

#[test]
fn stch_log() {
    run(
        "libmtl.STCH",
        // The reference's total has the largest term subtracted, by choice not ours.
        Total::Shifted,
        |params, m| {
            let table = json!({"mu": params["mu"], "warmup_epochs": params["warmup_epoch"]});
            let config: StchLogConfig = serde_json::from_value(table).unwrap();
            StchLogWeighting::new(&config, m).unwrap()
        },
        none,
    );
}

#[test]
fn cosmos_and_pbi() {
    run(
        "torchjd.COSMOS",
        Total::Compared,
        |params, m| {
            let weights = by_name(&params["weights"], m);
            let table = json!({"lambda": params["lambda"], "weights": weights});
            let config: CosmosConfig = serde_json::from_value(table).unwrap();
            CosmosWeighting::new(&config, &tasks(m)).unwrap()
        },
        none,
    );
    run(
        "torchjd.PBI",
        Total::Compared,
        |params, m| {
            let weights = by_name(&params["weights"], m);
            let reference = by_name(&params["reference"], m);
            let table =
                json!({"theta": params["theta"], "weights": weights, "reference": reference});
            let config: PbiConfig = serde_json::from_value(table).unwrap();
            PbiWeighting::new(&config, &tasks(m)).unwrap()
        },
        none,
    );
}

#[test]
fn random_weights_of_given_numbers() {
    let fixture = weightings();
    for case in fixture.method("libmtl.RLW")["cases"].as_array().unwrap() {
        let sequence = fixture.sequence(case["sequence"].as_str().unwrap());
        let normal = matrix(&sequence["normal"]);
        for (normal, expected) in normal.iter().zip(case["steps"].as_array().unwrap()) {
            let expected = numbers(&expected["weights"]);
            assert_close(&RlwWeighting::from_normal(normal), &expected, 1e-7, "rlw");
        }
    }
}

#[test]
fn uncertainty() {
    for id in [
        "torchjd.UW.sgd",
        "torchjd.UW.adam",
        "libmtl.UW.sgd",
        "libmtl.UW.adam",
    ] {
        run(
            id,
            Total::Compared,
            |params, m| {
                let (optimizer, learning_rate) = optimizer(params);
                let config = UncertaintyConfig {
                    initial_log_variance: params["init"].as_f64().unwrap(),
                    optimizer,
                    learning_rate,
                    ..UncertaintyConfig::default()
                };
                UncertaintyWeighting::new(&config, &tasks(m)).unwrap()
            },
            |weighting| weighting.log_variances().to_vec(),
        );
    }
}

#[test]
fn imtl_l() {
    for id in ["torchjd.IMTLL.sgd", "torchjd.IMTLL.adam"] {
        run(
            id,
            Total::Compared,
            |params, m| {
                let (optimizer, learning_rate) = optimizer(params);
                let config = ImtlLConfig {
                    initial_log_scale: 0.0,
                    optimizer,
                    learning_rate,
                };
                ImtlLWeighting::new(&config, m).unwrap()
            },
            |weighting| weighting.log_scales().to_vec(),
        );
    }
}

#[test]
fn dwa() {
    for id in [
        "libmtl.DWA.T2.0",
        "torchjd.DWA.T2.0",
        "libmtl.DWA.T1.0",
        "torchjd.DWA.T1.0",
    ] {
        run(
            id,
            Total::Compared,
            |params, m| {
                let config = DwaConfig {
                    temperature: params["T"].as_f64().unwrap(),
                    window_steps: None,
                };
                DwaWeighting::new(&config, m).unwrap()
            },
            none,
        );
    }
}

#[test]
fn famo() {
    for id in [
        "torchjd.FAMO.lr0.025.wd0.001",
        "torchjd.FAMO.lr0.1.wd0.0",
        "libmtl.FAMO",
        "official.FAMO",
    ] {
        run(
            id,
            Total::Compared,
            |params, m| {
                let table =
                    json!({"learning_rate": params["lr"], "weight_decay": params["weight_decay"]});
                let config: FamoConfig = serde_json::from_value(table).unwrap();
                FamoWeighting::new(&config, &tasks(m)).unwrap()
            },
            |weighting| weighting.logits().to_vec(),
        );
    }
}
