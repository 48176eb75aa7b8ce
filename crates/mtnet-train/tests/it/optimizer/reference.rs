//! Trajectories, clipping and averages against PyTorch's.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor, Var};
use mtnet_train::optimizer::{
    Gradients, GroupRules, Optimizer, OptimizerConfig, OptimizerKind, Parameter, ParameterGroup,
    WeightAverage,
};
use mtnet_train::schedule::{Schedule, ScheduleConfig};
use serde_json::Value;

use super::{assert_close, assert_within, fixture, largest, numbers, tensor, values};

/// In f64 the trajectory is the reference's; in f32, on the fused pass, it is within rounding.
#[test]
fn trajectories_are_the_reference_ones() {
    let fixture = fixture();
    let problems = fixture["problems"].as_array().expect("problems");
    for entry in fixture["optimizers"].as_array().expect("optimizers") {
        for case in entry["cases"].as_array().expect("cases") {
            let problem = problems.iter().find(|p| p["id"] == case["problem"]);
            for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 2e-6)] {
                follow(entry, case, problem.expect("a problem"), dtype, tolerance);
            }
        }
    }
}

fn follow(entry: &Value, case: &Value, problem: &Value, dtype: DType, tolerance: f64) {
    let context = format!("{} on {} in {dtype:?}", entry["id"], case["problem"]);
    let params = &entry["params"];
    let config = config(params, entry["optimizer"].as_str().expect("a kind"));
    let shapes: Vec<Vec<usize>> =
        serde_json::from_value(problem["shapes"].clone()).expect("shapes");
    let parameters: Vec<Parameter> = (0..shapes.len())
        .map(|index| Parameter {
            name: format!("p{index}"),
            variable: Var::from_tensor(&tensor(&problem["init"][index], &shapes[index], dtype))
                .expect("a variable"),
            group: group(params, &config, index),
        })
        .collect();
    let schedule = params["total_steps"].as_u64().map(|total| {
        let config = ScheduleConfig {
            warmup_steps: params["warmup_steps"].as_u64().expect("steps"),
            ..Default::default()
        };
        Schedule::new(&config, total).expect("a schedule")
    });
    let mut optimizer = Optimizer::new(&config, parameters.clone()).expect("an optimizer");
    for (step, gradients) in problem["grads"]
        .as_array()
        .expect("steps")
        .iter()
        .enumerate()
    {
        let gradients: Gradients = (0..shapes.len())
            .map(|index| {
                let gradient = tensor(&gradients[index], &shapes[index], dtype);
                (format!("p{index}"), gradient)
            })
            .collect();
        let factor = schedule.map_or(1.0, |all| all.learning_rate_factor(step as u64));
        let report = optimizer.step(&gradients, factor).expect("a step");
        if let Some(norms) = case.get("grad_norm") {
            let expected = norms[step].as_f64().expect("a norm");
            assert_close(&[report.grad_norm], &[expected], tolerance, &context);
        }
        for (index, parameter) in parameters.iter().enumerate() {
            let expected = numbers(&case["params_after"][step][index]);
            // In f32 the weights that came before leave their rounding, however small they are now.
            let past = match dtype {
                DType::F32 => 1.0,
                _ => 0.0,
            };
            let bound = tolerance * largest(&expected).max(past);
            assert_within(&values(&parameter.variable), &expected, bound, &context);
        }
    }
}

/// The configuration of an entry of the fixture.
fn config(params: &Value, kind: &str) -> OptimizerConfig {
    let number = |key: &str, default: f64| params[key].as_f64().unwrap_or(default);
    let betas = params["betas"].as_array();
    let beta = |index: usize, default| betas.map_or(default, |b| b[index].as_f64().expect("one"));
    OptimizerConfig {
        optimizer: match kind {
            "sgd" => OptimizerKind::Sgd,
            _ => OptimizerKind::AdamW,
        },
        learning_rate: number("lr", 0.0),
        weight_decay: number("weight_decay", 0.0),
        adam_beta1: beta(0, 0.9),
        adam_beta2: beta(1, 0.999),
        adam_epsilon: number("eps", 1e-8),
        sgd_momentum: number("momentum", 0.0),
        sgd_nesterov: params["nesterov"].as_bool().unwrap_or(false),
        max_grad_norm: number("max_norm", 0.0),
        ..Default::default()
    }
}

/// The rates of tensor `index`: one group for all, or the two of `adamw_groups`.
fn group(params: &Value, config: &OptimizerConfig, index: usize) -> ParameterGroup {
    let own = params["groups"].get(index.min(1));
    let rate = |key: &str, all: f64| own.map_or(all, |own| own[key].as_f64().expect("a rate"));
    ParameterGroup {
        name: format!("group{index}"),
        learning_rate: rate("lr", config.learning_rate),
        weight_decay: rate("weight_decay", config.weight_decay),
    }
}

/// Plain descent at rate 1 from 0 moves a parameter by minus its clipped gradient.
#[test]
fn clipping_is_the_reference_one() {
    for case in fixture()["clip_grad_norm"]["cases"]
        .as_array()
        .expect("cases")
    {
        let config = OptimizerConfig {
            optimizer: OptimizerKind::Sgd,
            sgd_momentum: 0.0,
            learning_rate: 1.0,
            weight_decay: 0.0,
            max_grad_norm: case["max_norm"].as_f64().expect("a norm"),
            ..Default::default()
        };
        let gradients: Vec<Vec<f64>> = serde_json::from_value(case["grads"].clone()).expect("some");
        let variables: BTreeMap<String, Var> = (0..gradients.len())
            .map(|index| {
                let zeros = Var::zeros(gradients[index].len(), DType::F64, &Device::Cpu);
                (format!("p{index}"), zeros.expect("a variable"))
            })
            .collect();
        let parameters = GroupRules::default().assign(&config, &variables);
        let mut optimizer = Optimizer::new(&config, parameters).expect("an optimizer");
        let named: Gradients = (0..gradients.len())
            .map(|index| {
                let gradient = Tensor::new(gradients[index].as_slice(), &Device::Cpu);
                (format!("p{index}"), gradient.expect("a gradient"))
            })
            .collect();
        let report = optimizer.step(&named, 1.0).expect("a step");
        let expected = case["total_norm"].as_f64().expect("a norm");
        assert_close(&[report.grad_norm], &[expected], 1e-9, "norm");
        for (index, variable) in variables.values().enumerate() {
            let moved: Vec<f64> = values(variable).iter().map(|x| -x).collect();
            assert_close(&moved, &numbers(&case["clipped"][index]), 1e-9, "clipped");
        }
    }
}

#[test]
fn averages_are_the_reference_ones() {
    for case in fixture()["ema"]["cases"].as_array().expect("cases") {
        for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 1e-6)] {
            let mut average =
                WeightAverage::new(case["decay"].as_f64().expect("a decay")).expect("an average");
            let weights = case["weights"].as_array().expect("weights");
            let count = numbers(&weights[0]).len();
            let weight = Var::zeros(count, dtype, &Device::Cpu).expect("a variable");
            let variables = BTreeMap::from([("w".to_owned(), weight.clone())]);
            for (step, now) in weights.iter().enumerate() {
                weight
                    .set(&tensor(now, &[count], dtype))
                    .expect("new weights");
                average.update(&variables).expect("an update");
                let expected = numbers(&case["ema"][step]);
                assert_close(
                    &values(&average.tensors()["w"]),
                    &expected,
                    tolerance,
                    "ema",
                );
            }
            let (last, averaged) = (values(&weight), values(&average.tensors()["w"]));
            average.swap(&variables).expect("averaged weights in use");
            assert_eq!(values(&weight), averaged);
            average.swap(&variables).expect("the last weights in use");
            assert_eq!(values(&weight), last);
            assert_eq!(values(&average.tensors()["w"]), averaged);
        }
    }
}
