//! What defines the weights of a method must hold of the weights that were found.

use mtnet_balance::weighting::*;
use mtnet_balance::{Gramian, GramianRule};

use crate::matrices::{Numbers, mass};
use crate::methods::tasks;

#[test]
fn the_least_norm_is_optimal() {
    let mut numbers = Numbers::new(3);
    for round in 0..2000 {
        let count = if round % 100 == 99 {
            64
        } else {
            1 + numbers.below(10)
        };
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
fn a_projection_on_the_dual_cone_satisfies_its_conditions() {
    let mut numbers = Numbers::new(14);
    for round in 0..1500 {
        let count = if round % 100 == 99 {
            64
        } else {
            1 + numbers.below(10)
        };
        let rows = numbers.hard_rows(count);
        let gramian = Gramian::from_rows(&rows).unwrap();
        let present: Vec<usize> = (0..count).collect();
        let cone = DualConeConfig {
            reg_eps: if round % 2 == 0 { 0.0 } else { 1e-4 },
            ..DualConeConfig::default()
        };
        let rule = DualProj::new(&cone, &tasks(count)).unwrap();
        let weights = rule.weights(&gramian, &present).unwrap();
        let trace = gramian.trace();
        if trace == 0.0 {
            continue;
        }
        let lower = 1.0 / count as f64;
        let mass = mass(&weights, &gramian) / trace.sqrt();
        for (task, product) in gramian.multiply(&weights).iter().enumerate() {
            // v ≥ p and Hv ≥ 0, and one of the two an equality.
            let above = weights[task] - lower;
            assert!(above >= 0.0, "{above:e} {rows:?}");
            let gradient = product / trace + cone.reg_eps * weights[task];
            let norm = (gramian.get(task, task) / trace + cone.reg_eps).sqrt();
            let slack = 1e-9 * norm * (mass + cone.reg_eps.sqrt() * weights[task]);
            assert!(gradient >= -slack, "{gradient:e} {slack:e} {rows:?}");
            assert!(
                above == 0.0 || gradient <= slack,
                "{gradient:e} {slack:e} {rows:?}"
            );
        }
    }
}

#[test]
fn fair_weights_satisfy_their_equation() {
    let mut numbers = Numbers::new(15);
    let mut solved = 0;
    for round in 0..1500 {
        let count = if round % 100 == 99 {
            64
        } else {
            1 + numbers.below(10)
        };
        let rows = numbers.hard_rows(count);
        let gramian = Gramian::from_rows(&rows).unwrap();
        let present: Vec<usize> = (0..count).collect();
        let alpha = [0.5, 1.0, 2.0][round % 3];
        let rule = FairGrad::new(&FairGradConfig { alpha }).unwrap();
        let Ok(weights) = rule.weights(&gramian, &present) else {
            continue;
        };
        solved += 1;
        for (task, product) in gramian.multiply(&weights).iter().enumerate() {
            if gramian.get(task, task) == 0.0 {
                assert_eq!(weights[task], 0.0);
                continue;
            }
            let expected = weights[task].powf(-1.0 / alpha);
            let row = gramian.row(task).iter().zip(&weights);
            let terms: f64 = row.map(|(g, w)| (g * w).abs()).sum();
            let distance = (product - expected).abs();
            assert!(
                distance <= 1e-8 * (terms + expected),
                "{product:e} {expected:e} {rows:?}"
            );
        }
    }
    assert!(solved > 500, "{solved}");
}

#[test]
fn impartial_directions_treat_independent_gradients_alike() {
    let mut numbers = Numbers::new(16);
    for _ in 0..500 {
        let count = 1 + numbers.below(8);
        let mut rows = numbers.rows(count, 3 * count);
        for row in &mut rows {
            let size = 10f64.powf(4.0 * numbers.uniform() - 2.0);
            row.iter_mut().for_each(|entry| *entry *= size);
        }
        let gramian = Gramian::from_rows(&rows).unwrap();
        let present: Vec<usize> = (0..count).collect();
        let config = ConFig::new(&ConFigConfig::default(), &tasks(count)).unwrap();
        for weights in [
            ImtlG.weights(&gramian, &present).unwrap(),
            config.weights(&gramian, &present).unwrap(),
        ] {
            // The projection of the direction on every gradient is the same.
            let products = gramian.multiply(&weights);
            let projections = products.iter().zip(gramian.norms()).map(|(p, n)| p / n);
            let projections: Vec<f64> = projections.collect();
            let length = gramian.length(&weights);
            for projection in &projections {
                assert!(
                    (projection - projections[0]).abs() <= 1e-8 * length,
                    "{projections:?}"
                );
            }
        }
    }
}
