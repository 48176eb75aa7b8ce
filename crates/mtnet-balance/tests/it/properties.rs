//! What must hold for gradient methods on thousands of matrices.

use mtnet_balance::weighting::*;
use mtnet_balance::{BalanceError, Gramian, GramianRule};

use crate::fixture::combine;
use crate::matrices::{Numbers, mass};
use crate::methods::{build, direction, step, tables, tasks};

#[test]
fn finite_or_a_typed_error() {
    let mut numbers = Numbers::new(1);
    for table in tables() {
        let mut refused = 0;
        let rounds = 150;
        for round in 0..rounds {
            let count = match round % 50 {
                25 => 64,
                _ => 1 + numbers.below(10),
            };
            let rows = numbers.hard_rows(count);
            let losses = step(&mut numbers, count);
            let mut balancer = build(&table, count);
            for _ in 0..2 {
                match direction(&mut balancer, &rows, &losses) {
                    Ok(direction) => {
                        assert!(direction.iter().all(|e| e.is_finite()), "{table}: {rows:?}");
                    }
                    Err(BalanceError::TooFewTasks { method, .. }) => {
                        assert!(["krum", "trimmed-mean"].contains(&method) && count < 3);
                    }
                    // Where the method's equation has no solution.
                    Err(BalanceError::Solver { method, .. }) => {
                        assert!(
                            ["nash-mtl", "fairgrad"].contains(&method),
                            "{table}: {rows:?}"
                        );
                        refused += 1;
                    }
                    Err(error) => panic!("{table}: {error} {rows:?}"),
                }
            }
        }
        assert!(refused < 2 * rounds, "{table}");
    }
}

#[test]
fn a_direction_opposes_no_task() {
    let mut numbers = Numbers::new(2);
    for round in 0..1500 {
        let count = if round % 100 == 99 {
            64
        } else {
            1 + numbers.below(8)
        };
        let rows = numbers.hard_rows(count);
        let gramian = Gramian::from_rows(&rows).unwrap();
        let present: Vec<usize> = (0..count).collect();
        let cone = DualConeConfig {
            reg_eps: 0.0,
            ..DualConeConfig::default()
        };
        let candidates = [
            ("mgda", Mgda::weights(&gramian)),
            (
                "upgrad",
                UpGrad::new(&cone, &tasks(count))
                    .unwrap()
                    .weights(&gramian, &present),
            ),
            (
                "dualproj",
                DualProj::new(&cone, &tasks(count))
                    .unwrap()
                    .weights(&gramian, &present),
            ),
            (
                "nash-mtl",
                NashMtl::new(&NashMtlConfig::default())
                    .unwrap()
                    .weights(&gramian, &present),
            ),
            (
                "fairgrad",
                FairGrad::new(&FairGradConfig { alpha: 2.0 })
                    .unwrap()
                    .weights(&gramian, &present),
            ),
        ];
        for (name, weights) in candidates {
            let weights = match weights {
                Ok(weights) => weights,
                Err(_) if ["nash-mtl", "fairgrad"].contains(&name) => continue,
                Err(error) => panic!("{name}: {error} {rows:?}"),
            };
            let mass = mass(&weights, &gramian);
            for (task, product) in gramian.multiply(&weights).iter().enumerate() {
                let bound = -1e-7 * gramian.norm(task) * mass;
                assert!(
                    *product >= bound,
                    "{name} task {task}: {product:e} < {bound:e} {rows:?}"
                );
            }
        }
    }
}

#[test]
fn a_projection_is_the_mean_where_nothing_conflicts() {
    let mut numbers = Numbers::new(7);
    for _ in 0..300 {
        let count = 1 + numbers.below(6);
        let rows: Vec<Vec<f64>> = (0..count)
            .map(|_| (0..4).map(|_| numbers.uniform()).collect())
            .collect();
        let gramian = Gramian::from_rows(&rows).unwrap();
        let present: Vec<usize> = (0..count).collect();
        let mean = combine(&vec![1.0 / count as f64; count], &rows);
        let cone = DualConeConfig::default();
        let upgrad = UpGrad::new(&cone, &tasks(count))
            .unwrap()
            .weights(&gramian, &present)
            .unwrap();
        let dualproj = DualProj::new(&cone, &tasks(count))
            .unwrap()
            .weights(&gramian, &present)
            .unwrap();
        let pcgrad = Pcgrad::weights(&gramian, &vec![present.clone(); count]);
        let pcgrad: Vec<f64> = pcgrad.iter().map(|weight| weight / count as f64).collect();
        for weights in [upgrad, dualproj, pcgrad] {
            for (a, b) in combine(&weights, &rows).iter().zip(&mean) {
                assert!((a - b).abs() < 1e-12);
            }
        }
    }
}
