//! What must hold for gradient methods on thousands of matrices.

use mtnet_balance::weighting::*;
use mtnet_balance::{Gramian, GramianRule};

use crate::fixture::combine;
use crate::matrices::Numbers;
use crate::methods::{build, direction, step, tables, tasks};

#[test]
fn finite_or_a_typed_error() {
    let mut numbers = Numbers::new(1);
    for table in tables() {
        let mut refused = 0;
        let rounds = 100;
        for round in 0..rounds {
            let count = if round % 50 == 25 {
                64
            } else {
                3 + numbers.below(8)
            };
            let rows = numbers.hard_rows(count);
            let losses = step(&mut numbers, count);
            let mut balancer = build(&table, count);
            for _ in 0..2 {
                match direction(&mut balancer, &rows, &losses) {
                    Ok(direction) => {
                        assert!(direction.iter().all(|e| e.is_finite()), "{table}: {rows:?}");
                    }
                    // Only where the method's equation has no solution.
                    Err(error) => {
                        let method = table["method"].as_str().unwrap();
                        assert!(
                            ["nash-mtl", "fairgrad"].contains(&method),
                            "{table}: {error} {rows:?}"
                        );
                        refused += 1;
                    }
                }
            }
        }
        assert!(refused < 2 * rounds, "{table}");
    }
}

/// `Σ |w_i| ‖g_i‖`: what the direction is a sum of, before anything cancels.
fn mass(weights: &[f64], gramian: &Gramian) -> f64 {
    weights
        .iter()
        .zip(gramian.norms())
        .map(|(w, n)| w.abs() * n)
        .sum()
}

#[test]
fn a_direction_opposes_no_task() {
    let mut numbers = Numbers::new(2);
    for round in 0..1500 {
        let count = if round % 300 == 299 {
            40
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
        ];
        for (name, weights) in candidates {
            let weights = match weights {
                Ok(weights) => weights,
                Err(_) if name == "nash-mtl" => continue,
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
fn the_least_norm_is_optimal() {
    let mut numbers = Numbers::new(3);
    for _ in 0..2000 {
        let count = 1 + numbers.below(10);
        let rows = numbers.hard_rows(count);
        let gramian = Gramian::from_rows(&rows).unwrap();
        let weights = Mgda::weights(&gramian).unwrap();
        assert!(weights.iter().all(|w| *w >= 0.0), "{weights:?}");
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        // ⟨d, g_i⟩ ≥ ‖d‖² for every task.
        let squared = gramian.length(&weights).powi(2);
        let mass = mass(&weights, &gramian);
        for (task, product) in gramian.multiply(&weights).iter().enumerate() {
            let slack = 1e-6 * mass * (gramian.norm(task) + mass);
            assert!(
                *product >= squared - slack,
                "{product:e} {squared:e} {rows:?}"
            );
        }
    }
}

#[test]
fn cagrad_stays_in_its_ball_and_helps_the_worst_task() {
    let mut numbers = Numbers::new(4);
    for _ in 0..500 {
        let count = 2 + numbers.below(6);
        let rows = numbers.rows(count, 1 + 2 * count);
        let gramian = Gramian::from_rows(&rows).unwrap();
        let mean = vec![1.0 / count as f64; count];
        let config = CagradConfig {
            c: 0.6,
            ..CagradConfig::default()
        };
        let present: Vec<usize> = (0..count).collect();
        let weights = Cagrad::new(&config)
            .unwrap()
            .weights(&gramian, &present)
            .unwrap();
        let moved: Vec<f64> = weights.iter().zip(&mean).map(|(w, m)| w - m).collect();
        let radius = 0.6 * gramian.length(&mean);
        assert!((gramian.length(&moved) - radius).abs() <= 1e-6 * radius);
        let worst = |w: &[f64]| {
            gramian
                .multiply(w)
                .into_iter()
                .fold(f64::INFINITY, f64::min)
        };
        assert!(worst(&weights) >= worst(&mean) - 1e-9);
        // No other point of the ball does better for the worst task: random ones try.
        for _ in 0..20 {
            let other: Vec<f64> = (0..count).map(|_| numbers.normal()).collect();
            let length = gramian.length(&other);
            let tried: Vec<f64> = other
                .iter()
                .zip(&mean)
                .map(|(o, m)| m + radius * o / length)
                .collect();
            assert!(worst(&tried) <= worst(&weights) + 1e-6 * radius);
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
