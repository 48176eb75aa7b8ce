//! Gradient weightings against vectors that published implementations, or 50-digit
//! arithmetic, computed on given Jacobians.

use mtnet_balance::weighting::*;
use mtnet_balance::{Gramian, GramianRule, TaskInfo, TaskLosses};
use serde_json::{Value, json};

use crate::fixture::{Fixture, aggregators, combine, entry_tolerance, matrix, numbers};

/// A case as a test sees it.
struct Case<'a> {
    rows: Vec<Vec<f64>>,
    gramian: Gramian,
    value: &'a Value,
}

impl Case<'_> {
    fn tasks(&self) -> Vec<TaskInfo> {
        (0..self.rows.len())
            .map(|task| TaskInfo::new(format!("t{task}"), None))
            .collect()
    }

    fn present(&self) -> Vec<usize> {
        (0..self.rows.len()).collect()
    }

    /// `{"t0": case.pref[0], …}` times `factor`, empty without a preference.
    fn preference(&self, factor: f64) -> Value {
        let entries = self.value["pref"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate();
        let named = entries.map(|(i, v)| (format!("t{i}"), json!(v.as_f64().unwrap() * factor)));
        Value::Object(named.collect())
    }

    fn rule<R: GramianRule>(&self, rule: &R) -> Vec<f64> {
        rule.weights(&self.gramian, &self.present()).unwrap()
    }
}

/// Compares `weights · J` with the fixture for every case of a method; `skip` names
/// Jacobians on which this crate deviates by choice.
fn check(id: &str, skip: &[&str], weights: impl Fn(&Value, &Case<'_>) -> Vec<f64>) {
    let fixture: Fixture = aggregators();
    let method = fixture.method(id);
    let mut compared = 0;
    let mut failures = Vec::new();
    for value in method["cases"].as_array().unwrap() {
        let name = value["jacobian"].as_str().unwrap();
        let jacobian = fixture.jacobian(name);
        let Some(tolerance) = entry_tolerance(method, value, jacobian) else {
            continue;
        };
        if skip.contains(&name) {
            continue;
        }
        let rows = matrix(&jacobian["J"]);
        let gramian = Gramian::from_rows(&rows).unwrap();
        let case = Case {
            rows,
            gramian,
            value,
        };
        let found = combine(&weights(&method["params"], &case), &case.rows);
        let expected = numbers(&value["output"]);
        let scale = value["scale"].as_f64().unwrap();
        let distance = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
        let worst = distance.fold(
            0.0,
            |worst, d| if d > worst || d.is_nan() { d } else { worst },
        );
        compared += 1;
        // Outputs were written with 9 digits.
        let largest = expected
            .iter()
            .fold(0.0, |largest: f64, e| largest.max(e.abs()));
        if worst.is_nan() || worst > tolerance * scale + 5e-9 * largest {
            failures.push(format!(
                "{name} {}: off by {:e} of {tolerance:e}",
                jacobian["tags"],
                worst / scale
            ));
        }
    }
    assert!(failures.is_empty(), "{id}: {failures:#?}");
    assert!(compared >= 5, "{id}: only {compared} cases compared");
}

#[test]
fn constant() {
    check("torchjd.Constant", &[], |_, case| {
        let config = serde_json::from_value(json!({"weights": case.preference(1.0)})).unwrap();
        case.rule(&ConstantGradient::new(&config, &case.tasks()).unwrap())
    });
}

fn dual_cone(params: &Value, case: &Case<'_>) -> DualConeConfig {
    let count = case.rows.len() as f64;
    serde_json::from_value(json!({
        "reg_eps": params["reg_eps"],
        "norm_eps": params["norm_eps"],
        // The reference's preference is of the sum, ours of the mean.
        "preference": case.preference(count),
    }))
    .unwrap()
}

#[test]
fn upgrad() {
    for id in [
        "torchjd.UPGrad",
        "torchjd.UPGrad.pref",
        "torchjd.UPGrad.smallreg",
        "exact.UPGrad",
    ] {
        check(id, &[], |params, case| {
            case.rule(&UpGrad::new(&dual_cone(params, case), &case.tasks()).unwrap())
        });
    }
}

#[test]
fn dualproj() {
    for id in ["torchjd.DualProj", "torchjd.DualProj.pref"] {
        check(id, &[], |params, case| {
            case.rule(&DualProj::new(&dual_cone(params, case), &case.tasks()).unwrap())
        });
    }
}

#[test]
fn mgda() {
    check("torchjd.MGDA", &[], |_, case| {
        Mgda::weights(&case.gramian).unwrap()
    });
}

#[test]
fn mgda_of_normalised_gradients() {
    for (id, name) in [
        ("libmtl.MGDA.l2", "l2"),
        ("libmtl.MGDA.loss", "loss"),
        ("libmtl.MGDA.loss+", "loss-l2"),
    ] {
        check(id, &[], |_, case| {
            let losses = numbers(&case.value["losses"]);
            let config = serde_json::from_value(json!({"normalize_gradients": name})).unwrap();
            let step = TaskLosses::new(losses.iter().copied().map(Some).collect()).unwrap();
            let weights = Mgda::new(&config).weigh(&case.gramian, &step).unwrap();
            // The reference combines the normalised gradients, this crate the raw ones.
            let by_norm = |i: usize| {
                if name == "loss" {
                    1.0
                } else {
                    case.gramian.norm(i)
                }
            };
            let by_loss = |i: usize| if name == "l2" { 1.0 } else { losses[i] };
            (0..losses.len())
                .map(|i| match by_norm(i) * by_loss(i) {
                    0.0 => 0.0,
                    divisor => weights.get(i).unwrap() / divisor,
                })
                .collect()
        });
    }
}

#[test]
fn cagrad() {
    for (id, rescale) in [
        ("torchjd.CAGrad.c0.2", "none"),
        ("torchjd.CAGrad.c0.5", "none"),
        ("torchjd.CAGrad.c1.0", "none"),
        ("libmtl.CAGrad.rescale1", "one-plus-c-squared"),
        ("libmtl.CAGrad.rescale2", "one-plus-c"),
    ] {
        check(id, &[], |params, case| {
            let config = serde_json::from_value(json!({"c": params["c"], "rescale": rescale}));
            case.rule(&Cagrad::new(&config.unwrap()).unwrap())
        });
    }
}

#[test]
fn nash_mtl() {
    for id in ["torchjd.NashMTL.max1", "torchjd.NashMTL.max0"] {
        check(id, &[], |params, case| {
            let config = serde_json::from_value(json!({"max_norm": params["max_norm"]}));
            case.rule(&NashMtl::new(&config.unwrap()).unwrap())
        });
    }
}

#[test]
fn fairgrad() {
    for id in [
        "torchjd.FairGrad.a0.5",
        "torchjd.FairGrad.a1.0",
        "torchjd.FairGrad.a2.0",
    ] {
        check(id, &[], |params, case| {
            let config = serde_json::from_value(json!({"alpha": params["alpha"]}));
            case.rule(&FairGrad::new(&config.unwrap()).unwrap())
        });
    }
}

#[test]
fn aligned_mtl() {
    for (id, summed) in [
        ("torchjd.AlignedMTL.min", false),
        ("torchjd.AlignedMTL.median", false),
        ("torchjd.AlignedMTL.rmse", false),
        ("torchjd.AlignedMTL.pref", false),
        ("official.AlignedMTL.min", true),
        ("official.AlignedMTL.rmse", true),
    ] {
        check(id, &[], |params, case| {
            let count = case.rows.len() as f64;
            let table = json!({
                "scale_mode": params["scale_mode"],
                "preference": case.preference(count),
            });
            let config = serde_json::from_value(table).unwrap();
            let weights = case.rule(&AlignedMtl::new(&config, &case.tasks()).unwrap());
            // The authors sum the aligned gradients, this crate averages them.
            let factor = if summed { count } else { 1.0 };
            weights.iter().map(|weight| factor * weight).collect()
        });
    }
}

#[test]
fn imtl_g() {
    check("torchjd.IMTLG", &[], |_, case| case.rule(&ImtlG));
}

#[test]
fn config() {
    for id in ["torchjd.ConFIG", "torchjd.ConFIG.pref"] {
        check(id, &[], |_, case| {
            let table = json!({"preference": case.preference(1.0)});
            let config = serde_json::from_value(table).unwrap();
            case.rule(&ConFig::new(&config, &case.tasks()).unwrap())
        });
    }
}

#[test]
fn krum() {
    for id in [
        "torchjd.Krum.0-1",
        "torchjd.Krum.1-1",
        "torchjd.Krum.1-2",
        "torchjd.Krum.2-3",
    ] {
        // With one neighbour the two closest gradients tie, and the reference takes either.
        let ties: &[&str] = if id == "torchjd.Krum.1-1" {
            &["p14", "p27"]
        } else {
            &[]
        };
        check(id, ties, |params, case| {
            let config = KrumConfig {
                byzantine: params["n_byzantine"].as_u64().unwrap(),
                selected: params["n_selected"].as_u64().unwrap(),
            };
            case.rule(&Krum::new(&config).unwrap())
        });
    }
}

fn orders(case: &Case<'_>) -> Vec<Vec<usize>> {
    match case.value.get("orders") {
        None => vec![case.present(); case.rows.len()],
        Some(orders) => matrix(orders)
            .iter()
            .map(|order| order.iter().map(|j| *j as usize).collect())
            .collect(),
    }
}

#[test]
fn pcgrad() {
    for id in ["torchjd.PCGrad", "official.PCGrad.ordered"] {
        check(id, &[], |_, case| {
            Pcgrad::weights(&case.gramian, &orders(case))
        });
    }
}

#[test]
fn gradvac() {
    // The reference adds 1e-8 to norms, which these Jacobians do not dwarf.
    check("torchjd.GradVac.first", &["p13", "p14"], |params, case| {
        let config = serde_json::from_value(json!({"beta": params["beta"]})).unwrap();
        let mut method = GradVac::new(&config, case.rows.len(), 0).unwrap();
        method.weights(&case.gramian, &case.present(), &orders(case))
    });
}

#[test]
fn modo() {
    check("torchjd.MoDo.first", &[], |params, case| {
        let table = json!({"gamma": params["gamma"], "rho": params["rho"]});
        let config = serde_json::from_value(table).unwrap();
        let mut method = Modo::new(&config, case.rows.len()).unwrap();
        method.update(&CrossGramian::from(&case.gramian), &case.present())
    });
}

#[test]
fn sdmgrad() {
    for id in ["torchjd.SDMGrad.first", "libmtl.SDMGrad.first"] {
        check(id, &[], |params, case| {
            let table = json!({
                "learning_rate": params["lr"],
                "momentum": params["momentum"],
                "iterations": params["n_iter"],
                "lambda": params["lambda"],
            });
            let config = serde_json::from_value(table).unwrap();
            let mut method = Sdmgrad::new(&config, case.rows.len()).unwrap();
            method.update(&CrossGramian::from(&case.gramian), &case.present())
        });
    }
}
