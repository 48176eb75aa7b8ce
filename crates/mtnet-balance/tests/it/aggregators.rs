//! Gradient weightings against vectors that published implementations, or 50-digit
//! arithmetic, computed on given Jacobians.

use mtnet_balance::TaskLosses;
use mtnet_balance::weighting::*;
use serde_json::{Value, json};

use crate::fixture::{matrix, numbers};
use crate::jacobians::{Case, check};

#[test]
fn constant() {
    check("torchjd.Constant", &[], |_, case| {
        let config = serde_json::from_value(json!({"weights": case.preference(1.0)})).unwrap();
        case.rule(&ConstantGradient::new(&config, &case.tasks()).unwrap())
    });
    for (id, weight) in [("torchjd.Sum", 1.0), ("torchjd.Mean", 0.0)] {
        check(id, &[], |_, case| {
            let mut config = ConstantGradientConfig::default();
            if weight > 0.0 {
                let named = case.tasks().into_iter().map(|task| (task.name, weight));
                config.weights = named.collect();
            }
            case.rule(&ConstantGradient::new(&config, &case.tasks()).unwrap())
        });
    }
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
    for id in ["torchjd.MGDA", "libmtl.MGDA.none"] {
        check(id, &[], |_, case| Mgda::weights(&case.gramian).unwrap());
    }
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
        ("libmtl.CAGrad.rescale0", "none"),
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
    for id in [
        "torchjd.NashMTL.max1",
        "torchjd.NashMTL.max0",
        "libmtl.Nash_MTL.max1",
    ] {
        // LibMTL returns the weights from before its last program, here those of its start.
        let stale: &[&str] = if id == "libmtl.Nash_MTL.max1" {
            &["p01"]
        } else {
            &[]
        };
        check(id, stale, |params, case| {
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
        "libmtl.FairGrad.a1.0",
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
        ("libmtl.Aligned_MTL", true),
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
    // LibMTL inverts a matrix that is singular, but for rounding, on these.
    check("libmtl.IMTL", &["p14", "p15", "p21"], |_, case| {
        case.rule(&ImtlG)
    });
}

#[test]
fn config() {
    for id in [
        "torchjd.ConFIG",
        "torchjd.ConFIG.pref",
        "official.ConFIG",
        "official.ConFIG_double",
    ] {
        // Of opposite gradients the authors' least squares keep one, the pseudo-inverse none.
        let opposite: &[&str] = if id == "official.ConFIG" {
            &["p21"]
        } else {
            &[]
        };
        check(id, opposite, |_, case| {
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
    // LibMTL adds 1e-8 to squared norms, which these Jacobians do not dwarf, and on the last
    // two a task's visit to itself tells.
    let deviating: &[&str] = &["p05", "p11", "p13", "p14", "p20", "p18", "p27"];
    for (id, skip) in [
        ("torchjd.PCGrad", &[] as &[&str]),
        ("official.PCGrad.ordered", &[]),
        ("libmtl.PCGrad", deviating),
    ] {
        check(id, skip, |_, case| {
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
