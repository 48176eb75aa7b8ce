//! How gradient methods answer to changes that should not matter, or matter in a known way.

use mtnet_balance::weighting::*;
use mtnet_balance::{GradientBalancer, GradientRows, Gramian, GramianRule, TaskLosses};
use serde_json::json;

use crate::matrices::Numbers;
use crate::methods::{build, direction, step, tables};

#[test]
fn the_order_of_the_tasks_does_not_matter() {
    let mut numbers = Numbers::new(5);
    // Random methods draw by position; target methods name one.
    let random = [
        "pcgrad",
        "gradvac",
        "random-gradient",
        "graddrop",
        "meta-balance",
        "krum",
    ];
    for table in tables() {
        if random.contains(&table["method"].as_str().unwrap()) {
            continue;
        }
        for _ in 0..40 {
            let count = 3 + numbers.below(5);
            let rows = numbers.rows(count, 3 * count);
            let losses = step(&mut numbers, count);
            let mut order: Vec<usize> = (0..count).collect();
            for last in (1..count).rev() {
                order.swap(last, numbers.below(last + 1));
            }
            let permuted: Vec<Vec<f64>> = order.iter().map(|&i| rows[i].clone()).collect();
            let permuted_losses = order.iter().map(|&i| losses.get(i)).collect();
            let permuted_losses = TaskLosses::new(permuted_losses).unwrap();
            let found = direction(&mut build(&table, count), &rows, &losses).unwrap();
            let again = direction(&mut build(&table, count), &permuted, &permuted_losses).unwrap();
            let scale = found
                .iter()
                .fold(1e-9, |largest: f64, e| largest.max(e.abs()));
            for (a, b) in found.iter().zip(&again) {
                assert!(
                    (a - b).abs() <= 1e-7 * scale,
                    "{table}: {found:?} {again:?}"
                );
            }
        }
    }
}

/// `order` applied to a list.
fn permuted<T: Clone>(values: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|&i| values[i].clone()).collect()
}

#[test]
fn the_order_of_the_tasks_does_not_matter_to_given_visits_and_targets() {
    let mut numbers = Numbers::new(10);
    for _ in 0..300 {
        let count = 4 + numbers.below(6);
        let rows = numbers.rows(count, 3 * count);
        let gramian = Gramian::from_rows(&rows).unwrap();
        let mut order: Vec<usize> = (0..count).collect();
        let mut visits = vec![order.clone(); count];
        for list in visits.iter_mut().chain([&mut order]) {
            for last in (1..count).rev() {
                list.swap(last, numbers.below(last + 1));
            }
        }
        let place = |task: usize| order.iter().position(|&i| i == task).unwrap();
        let renamed: Vec<Vec<usize>> = permuted(&visits, &order)
            .iter()
            .map(|visit| visit.iter().map(|&task| place(task)).collect())
            .collect();
        let other = Gramian::from_rows(&permuted(&rows, &order)).unwrap();
        let present: Vec<usize> = (0..count).collect();
        let vaccine = |gramian: &Gramian, visits: &[Vec<usize>]| {
            let mut method = GradVac::new(&GradVacConfig::default(), count, 0).unwrap();
            method.weights(gramian, &present, visits);
            method.weights(gramian, &present, visits)
        };
        let krum = KrumConfig {
            byzantine: 1,
            selected: 2,
        };
        let krum = Krum::new(&krum).unwrap();
        let losses = TaskLosses::new(vec![Some(1.0); count]).unwrap();
        let target = |gramian: &Gramian, task: usize| {
            let table = json!({"method": "meta-balance", "target": format!("t{task}")});
            let weights = build(&table, count).weigh(gramian, &losses).unwrap();
            weights.values().iter().flatten().copied().collect()
        };
        // With a single neighbour the two closest gradients tie.
        let central = |gramian: &Gramian| match count {
            4 => Vec::new(),
            _ => krum.weights(gramian, &present).unwrap(),
        };
        for (found, again) in [
            (
                Pcgrad::weights(&gramian, &visits),
                Pcgrad::weights(&other, &renamed),
            ),
            (vaccine(&gramian, &visits), vaccine(&other, &renamed)),
            (target(&gramian, 2), target(&other, place(2))),
            (central(&gramian), central(&other)),
        ] {
            let expected = match found.len() {
                0 => Vec::new(),
                _ => permuted(&found, &order),
            };
            assert_eq!(again.len(), expected.len());
            for (a, b) in again.iter().zip(&expected) {
                assert!(
                    (a - b).abs() <= 1e-9 * (1.0 + b.abs()),
                    "{again:?} {expected:?}"
                );
            }
        }
    }
}

#[test]
fn one_loss_times_a_number_changes_nothing_for_methods_blind_to_scale() {
    let mut numbers = Numbers::new(11);
    // Whether the direction, or only its orientation, stays.
    let tables = [
        (json!({"method": "nash-mtl", "max_norm": 0.0}), true),
        (json!({"method": "db-mtl", "beta": 0.0}), true),
        (json!({"method": "db-mtl"}), true),
        (
            json!({"method": "constant-gradient", "wrap": ["unit-norm"]}),
            true,
        ),
        (json!({"method": "upgrad", "wrap": ["log-loss"]}), true),
        (json!({"method": "cagrad", "wrap": ["unit-norm"]}), true),
        (json!({"method": "config"}), false),
        (json!({"method": "imtl-g"}), false),
    ];
    for (table, whole) in tables {
        for exponent in [-3, -1, 2, 5] {
            let count = 3 + numbers.below(4);
            let rows = numbers.rows(count, 3 * count);
            let losses = step(&mut numbers, count);
            let factor = 10f64.powi(exponent);
            let mut scaled = rows.clone();
            scaled[1].iter_mut().for_each(|entry| *entry *= factor);
            let mut values = losses.values().to_vec();
            values[1] = values[1].map(|loss| factor * loss);
            let scaled_losses = TaskLosses::new(values).unwrap();
            let unit = |mut found: Vec<f64>| {
                let length = found.iter().map(|e| e * e).sum::<f64>().sqrt();
                if !whole {
                    found.iter_mut().for_each(|entry| *entry /= length);
                }
                found
            };
            let found = unit(direction(&mut build(&table, count), &rows, &losses).unwrap());
            let again =
                unit(direction(&mut build(&table, count), &scaled, &scaled_losses).unwrap());
            let scale = found.iter().fold(0.0, |most: f64, e| most.max(e.abs()));
            for (a, b) in found.iter().zip(&again) {
                assert!(
                    (a - b).abs() <= 1e-4 * scale,
                    "{table} 1e{exponent}: {a} {b}"
                );
            }
        }
    }
}

#[test]
fn gradients_times_a_number() {
    let mut numbers = Numbers::new(6);
    // By which power of the number the direction grows.
    let powers = [
        (json!({"method": "mgda"}), 1.0),
        (json!({"method": "pcgrad"}), 1.0),
        (json!({"method": "gradvac"}), 1.0),
        (json!({"method": "cagrad"}), 1.0),
        (json!({"method": "nash-mtl", "max_norm": 0.0}), 0.0),
        (json!({"method": "fairgrad", "alpha": 2.0}), -1.0 / 3.0),
        (json!({"method": "imtl-g"}), 1.0),
        (json!({"method": "aligned-mtl"}), 1.0),
        (json!({"method": "upgrad"}), 1.0),
        (json!({"method": "dualproj"}), 1.0),
        (json!({"method": "config"}), 1.0),
        (json!({"method": "krum", "byzantine": 0}), 1.0),
        (json!({"method": "sdmgrad"}), 1.0),
    ];
    for (table, power) in powers {
        for exponent in [-20, -7, 3, 18] {
            let count = 3 + numbers.below(4);
            let rows = numbers.rows(count, 3 * count);
            let losses = step(&mut numbers, count);
            let factor = 10f64.powi(exponent);
            let scaled: Vec<Vec<f64>> = rows
                .iter()
                .map(|row| row.iter().map(|e| factor * e).collect())
                .collect();
            let found = direction(&mut build(&table, count), &rows, &losses).unwrap();
            let again = direction(&mut build(&table, count), &scaled, &losses).unwrap();
            // Below the square root of its 1e-8, SDMGrad's divisor is not the gradients' any more.
            if table["method"] == "sdmgrad" && exponent < 0 {
                continue;
            }
            let growth = factor.powf(power);
            let scale = found
                .iter()
                .fold(0.0, |largest: f64, e| largest.max(e.abs()));
            for (a, b) in found.iter().zip(&again) {
                assert!(
                    (a - b / growth).abs() <= 1e-6 * scale,
                    "{table} 1e{exponent}: {a} {b}"
                );
            }
        }
    }
}

#[test]
fn absent_tasks_keep_their_state_and_resumed_equals_uninterrupted() {
    let mut numbers = Numbers::new(8);
    let steps: Vec<(Vec<Vec<f64>>, TaskLosses)> = (0..12)
        .map(|number| {
            let absent = (number % 3 == 1).then_some(number % 4);
            let losses: Vec<Option<f64>> = (0..4)
                .map(|task| (Some(task) != absent).then(|| 0.2 + numbers.uniform()))
                .collect();
            let present = losses.iter().flatten().count();
            (numbers.rows(present, 9), TaskLosses::new(losses).unwrap())
        })
        .collect();
    for table in tables() {
        let mut whole = build(&table, 4);
        let mut first = build(&table, 4);
        for (rows, losses) in &steps[..6] {
            direction(&mut whole, rows, losses).unwrap();
            direction(&mut first, rows, losses).unwrap();
        }
        let saved = serde_json::to_string(&first.state()).unwrap();
        let mut resumed = build(&table, 4);
        resumed
            .restore(serde_json::from_str(&saved).unwrap())
            .unwrap();
        for (rows, losses) in &steps[6..] {
            assert_eq!(
                direction(&mut whole, rows, losses).unwrap(),
                direction(&mut resumed, rows, losses).unwrap(),
                "{table}"
            );
        }
        let text = |balancer: &GradientBalancer| serde_json::to_string(&balancer.state()).unwrap();
        assert_eq!(text(&whole), text(&resumed), "{table}");
    }
}

#[test]
fn single_precision_gradients_are_read_as_they_are() {
    let mut numbers = Numbers::new(9);
    let rows: Vec<Vec<f32>> = numbers
        .rows(3, 2500)
        .iter()
        .map(|row| row.iter().map(|e| *e as f32).collect())
        .collect();
    let wide: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| row.iter().map(|e| f64::from(*e)).collect())
        .collect();
    let losses = step(&mut numbers, 3);
    let table = json!({"method": "upgrad"});
    let mut found = Vec::new();
    let mut write = |_: usize, entries: &[f64]| found.extend_from_slice(entries);
    let gradients = GradientRows::from_f32(&rows).unwrap();
    build(&table, 3)
        .aggregate(&gradients, &losses, &mut write)
        .unwrap();
    assert_eq!(
        found,
        direction(&mut build(&table, 3), &wide, &losses).unwrap()
    );
}
