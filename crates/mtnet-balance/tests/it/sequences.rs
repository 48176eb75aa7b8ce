//! Stateful gradient methods against sequences that published implementations computed.

use mtnet_balance::aggregator::*;
use mtnet_balance::weighting::*;
use mtnet_balance::{BalanceConfig, Gramian, TaskInfo, TaskLosses};
use serde_json::{Value, json};

use crate::fixture::{aggregators, assert_close, combine, matrix, numbers};

/// One step of a sequence.
struct Step<'a> {
    /// One Jacobian, or three independent samples of it.
    samples: Vec<Vec<Vec<f64>>>,
    value: &'a Value,
    expected: &'a Value,
}

impl Step<'_> {
    fn rows(&self) -> &[Vec<f64>] {
        &self.samples[0]
    }

    fn gramian(&self) -> Gramian {
        Gramian::from_rows(self.rows()).unwrap()
    }

    fn losses(&self) -> TaskLosses {
        let losses = match self.value.get("losses") {
            Some(losses) => numbers(losses),
            None => vec![1.0; self.rows().len()],
        };
        TaskLosses::new(losses.into_iter().map(Some).collect()).unwrap()
    }

    fn present(&self) -> Vec<usize> {
        (0..self.rows().len()).collect()
    }

    fn cross(&self) -> CrossGramian {
        let (first, second) = (&self.samples[0], &self.samples[1]);
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum();
        let values = first
            .iter()
            .flat_map(|a| second.iter().map(move |b| product(a, b)));
        CrossGramian::new(first.len(), values.collect()).unwrap()
    }
}

/// Compares the direction of every step of every sequence; `scale` by the number of tasks.
fn check<M>(
    id: &str,
    make: impl Fn(&Value, usize) -> M,
    direction: impl Fn(&mut M, &Step<'_>) -> Vec<f64>,
) {
    let fixture = aggregators();
    let method = fixture.sequence_method(id);
    let tolerance = method["tolerance"].as_f64().unwrap();
    let cases = method["cases"].as_array().unwrap();
    assert!(cases.len() >= 2, "{id}");
    for case in cases {
        let sequence = fixture.sequence(case["sequence"].as_str().unwrap());
        let steps = sequence["steps"].as_array().unwrap();
        let tasks = sequence["m"].as_u64().unwrap() as usize;
        let mut method = make(&method["params"], tasks);
        for (number, expected) in case["steps"].as_array().unwrap().iter().enumerate() {
            let value = &steps[number];
            let samples = if value["J"][0][0].is_array() {
                value["J"].as_array().unwrap().iter().map(matrix).collect()
            } else {
                vec![matrix(&value["J"])]
            };
            let step = Step {
                samples,
                value,
                expected,
            };
            let found = direction(&mut method, &step);
            let expected = numbers(&expected["output"]);
            let entries = step.samples.iter().flatten().flatten().chain(&expected);
            let scale = entries.fold(0.0, |largest: f64, e| largest.max(e.abs()));
            let place = format!("{id} {} step {number}", case["sequence"]);
            for (a, b) in found.iter().zip(&expected) {
                let distance = (a - b).abs();
                assert!(
                    distance <= tolerance * scale,
                    "{place}: {found:?}, expected {expected:?}"
                );
            }
        }
    }
}

fn config<C: serde::de::DeserializeOwned>(table: Value) -> C {
    serde_json::from_value(table).unwrap()
}

fn aggregate(method: &mut dyn GradientAggregator, step: &Step<'_>) -> Vec<f64> {
    let gradients = GradientRows::from_f64(step.rows()).unwrap();
    let mut direction = vec![f64::NAN; gradients.columns()];
    let mut write = |start: usize, entries: &[f64]| {
        direction[start..start + entries.len()].copy_from_slice(entries);
    };
    method
        .aggregate(&gradients, &step.losses(), &mut write)
        .unwrap();
    direction
}

#[test]
fn gradvac() {
    for id in [
        "torchjd.GradVac.b0.5",
        "torchjd.GradVac.b0.01",
        "libmtl.GradVac.b0.5",
        "libmtl.GradVac.b0.01",
    ] {
        check(
            id,
            |params, tasks| {
                let config: GradVacConfig = config(json!({"beta": params["beta"]}));
                GradVac::new(&config, tasks, 0).unwrap()
            },
            |method, step| {
                let orders: Vec<Vec<usize>> = matrix(&step.value["orders"])
                    .iter()
                    .map(|order| order.iter().map(|j| *j as usize).collect())
                    .collect();
                let weights = method.weights(&step.gramian(), &step.present(), &orders);
                if let Some(targets) = step.expected.get("phi") {
                    assert_close(method.targets(), &matrix(targets).concat(), 1e-6, "targets");
                }
                combine(&weights, step.rows())
            },
        );
    }
}

#[test]
fn excess_mtl() {
    // TorchJD's weights add up to 1, LibMTL's and ours to the number of tasks.
    for (id, step_size, warmup_steps, averaged) in [
        ("libmtl.ExcessMTL.s0.1", 0.1, 1, false),
        ("torchjd.ExcessMTL.warmup3", 0.1, 3, true),
    ] {
        check(
            id,
            |_, tasks| {
                let table = json!({"step_size": step_size, "warmup_steps": warmup_steps});
                ExcessMtl::new(&config::<ExcessMtlConfig>(table), tasks).unwrap()
            },
            |method, step| {
                let direction = aggregate(method, step);
                let divisor = if averaged {
                    step.rows().len() as f64
                } else {
                    1.0
                };
                direction.iter().map(|entry| entry / divisor).collect()
            },
        );
    }
}

#[test]
fn moco() {
    check(
        "libmtl.MoCo",
        |params, tasks| {
            let mut table = params.clone();
            table["projection"] = json!("softmax");
            Moco::new(&config::<MocoConfig>(table), tasks).unwrap()
        },
        |method, step| aggregate(method, step),
    );
}

#[test]
fn db_mtl() {
    for id in ["libmtl.DB_MTL", "libmtl.DB_MTL.b0"] {
        check(
            id,
            |params, tasks| {
                AveragedDbMtl::new(&config::<DbMtlConfig>(params.clone()), tasks).unwrap()
            },
            |method, step| aggregate(method, step),
        );
    }
    check(
        "libmtl.DB_MTL.b0",
        |_, _| DbMtl,
        |method, step| {
            let weights = method.weigh(&step.gramian(), &step.losses()).unwrap();
            let present: Vec<f64> = weights.values().iter().flatten().copied().collect();
            combine(&present, step.rows())
        },
    );
}

#[test]
fn modo() {
    for id in ["torchjd.MoDo", "libmtl.MoDo"] {
        check(
            id,
            |params, tasks| {
                let table = json!({"gamma": params["gamma"], "rho": params["rho"]});
                Modo::new(&config::<ModoConfig>(table), tasks).unwrap()
            },
            |method, step| {
                let weights = method.update(&step.cross(), &step.present());
                combine(&weights, &step.samples[2])
            },
        );
    }
}

#[test]
fn sdmgrad() {
    for id in ["torchjd.SDMGrad", "libmtl.SDMGrad"] {
        check(
            id,
            |params, tasks| {
                let table = json!({
                    "learning_rate": params["lr"],
                    "momentum": params["momentum"],
                    "iterations": params["n_iter"],
                    "lambda": params["lambda"],
                });
                Sdmgrad::new(&config::<SdmgradConfig>(table), tasks).unwrap()
            },
            |method, step| {
                let weights = method.update(&step.cross(), &step.present());
                combine(&weights, &step.samples[2])
            },
        );
    }
}

/// A method and wrappers of a table, as a run file would select it.
fn check_table(id: &str, table: &Value) {
    check(
        id,
        |_, tasks| {
            let names: Vec<TaskInfo> = (0..tasks)
                .map(|i| TaskInfo::new(format!("t{i}"), None))
                .collect();
            config::<BalanceConfig>(table.clone())
                .build_gradients(&names, 0)
                .unwrap()
        },
        |method, step| {
            let gradients = GradientRows::from_f64(step.rows()).unwrap();
            let mut direction = Vec::new();
            let mut write = |_: usize, entries: &[f64]| direction.extend_from_slice(entries);
            method
                .aggregate(&gradients, &step.losses(), &mut write)
                .unwrap();
            direction
        },
    );
}

#[test]
fn averaged_weights() {
    let average = json!({"average": {"decay": 0.9}});
    // TorchJD's MGDA stops early: its tolerance is that of its solver.
    for (id, method) in [
        ("torchjd.CRMOGM.UPGrad", "upgrad"),
        ("torchjd.CRMOGM.MGDA", "mgda"),
    ] {
        check_table(id, &json!({"method": method, "wrap": [average]}));
    }
}
