//! GradNorm against sequences of losses and Jacobians.

use mtnet_balance::weighting::*;
use mtnet_balance::{Gramian, GramianWeighting, OptimizerKind, TaskLosses};

use crate::fixture::{assert_close, matrix, numbers, weightings};

fn run(id: &str, make: impl Fn(&serde_json::Value, usize) -> GradNorm) {
    let fixture = weightings();
    let method = fixture.method(id);
    let tolerance = method["tolerance"].as_f64().unwrap();
    let mut compared = 0;
    for case in method["cases"].as_array().unwrap() {
        let sequence = fixture.sequence(case["sequence"].as_str().unwrap());
        let losses = matrix(&sequence["losses"]);
        let initial = match method["uses"]
            .as_array()
            .unwrap()
            .iter()
            .any(|u| u == "initial_losses")
        {
            true => numbers(&sequence["initial_losses"]),
            false => losses[0].clone(),
        };
        let mut weighting = make(&method["params"], initial.len()).with_initial_losses(&initial);
        for (step, expected) in case["steps"].as_array().unwrap().iter().enumerate() {
            let place = format!("{id} {} step {step}", case["sequence"]);
            let gramian = Gramian::from_rows(&matrix(&sequence["J"][step])).unwrap();
            let row = losses[step].iter().copied().map(Some).collect();
            let weights = weighting
                .weigh(&gramian, &TaskLosses::new(row).unwrap())
                .unwrap();
            let weights: Vec<f64> = weights.values().iter().flatten().copied().collect();
            assert_close(&weights, &numbers(&expected["weights"]), tolerance, &place);
            let after = expected
                .get("param_after")
                .or(expected.get("weights_after"));
            assert_close(
                weighting.learned(),
                &numbers(after.unwrap()),
                tolerance,
                &place,
            );
            compared += 1;
        }
    }
    assert!(compared >= 60, "{id}: {compared}");
}

fn config(params: &serde_json::Value) -> GradNormConfig {
    GradNormConfig {
        alpha: params["alpha"].as_f64().unwrap(),
        learning_rate: params["lr"].as_f64().unwrap(),
        optimizer: match params["optimizer"].as_str() {
            Some("Adam") => OptimizerKind::Adam,
            _ => OptimizerKind::Sgd,
        },
        ..GradNormConfig::default()
    }
}

#[test]
fn learned_logits() {
    for id in [
        "libmtl.GradNorm.a1.5.sgd",
        "libmtl.GradNorm.a1.5.adam",
        "libmtl.GradNorm.a0.12.sgd",
        "libmtl.GradNorm.a0.12.adam",
    ] {
        run(id, |params, tasks| {
            let config = GradNormConfig {
                parameters: GradNormParameters::Softmax,
                ..config(params)
            };
            GradNorm::new(&config, tasks).unwrap()
        });
    }
}

#[test]
fn learned_weights() {
    // The reference takes the mean over tasks where the paper sums.
    run("gradnorm_pytorch.a0.0", |params, tasks| {
        let config = config(params);
        let learning_rate = config.learning_rate / tasks as f64;
        GradNorm::new(
            &GradNormConfig {
                learning_rate,
                ..config
            },
            tasks,
        )
        .unwrap()
    });
}
