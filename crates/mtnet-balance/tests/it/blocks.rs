//! A gradient method for each block of parameters.

use mtnet_balance::{BalanceConfig, BlockBalancer, GradientRows, TaskLosses, TaskWeights};
use serde_json::{Value, json};

use crate::matrices::Numbers;
use crate::methods::{build, direction, step, tables, tasks};

fn blocks(table: &Value, count: usize) -> BlockBalancer {
    let config: BalanceConfig = serde_json::from_value(table.clone()).unwrap();
    BlockBalancer::new(&config, &tasks(3), 3, count).unwrap()
}

/// The direction over all blocks, which `sizes` cuts the rows into.
fn directions(
    balancer: &mut BlockBalancer,
    rows: &[Vec<f64>],
    sizes: &[usize],
    losses: &TaskLosses,
) -> Vec<f64> {
    let mut direction = Vec::new();
    for (block, size) in sizes.iter().enumerate() {
        let start = direction.len();
        let part: Vec<&[f64]> = rows.iter().map(|row| &row[start..start + size]).collect();
        let gradients = GradientRows::from_f64(&part).unwrap();
        let mut write = |_: usize, entries: &[f64]| direction.extend_from_slice(entries);
        balancer
            .aggregate(block, &gradients, losses, &mut write)
            .unwrap();
    }
    direction
}

#[test]
fn one_block_is_the_method_itself() {
    for table in tables() {
        let mut numbers = Numbers::new(1);
        let (mut whole, mut single) = (blocks(&table, 1), build(&table, 3));
        assert_eq!(whole.needs_gramian_only(), single.needs_gramian_only());
        for _ in 0..3 {
            let (rows, losses) = (numbers.rows(3, 8), step(&mut numbers, 3));
            let expected = direction(&mut single, &rows, &losses).unwrap();
            let found = directions(&mut whole, &rows, &[8], &losses);
            assert_eq!(found, expected, "{table}");
        }
    }
}

#[test]
fn blocks_share_nothing() {
    for table in tables() {
        let mut numbers = Numbers::new(2);
        let (mut whole, mut first) = (blocks(&table, 3), build(&table, 3));
        for _ in 0..3 {
            let (rows, losses) = (numbers.rows(3, 12), step(&mut numbers, 3));
            let part: Vec<Vec<f64>> = rows.iter().map(|row| row[..5].to_vec()).collect();
            let expected = direction(&mut first, &part, &losses).unwrap();
            let found = directions(&mut whole, &rows, &[5, 4, 3], &losses);
            assert_eq!(found[..5], expected, "{table}");
        }
    }
}

#[test]
fn blocks_draw_other_numbers() {
    let mut balancer = blocks(&json!({"method": "random-gradient"}), 2);
    let gradients = [[1.0], [1.0], [1.0]];
    let gramian = GradientRows::from_f64(&gradients)
        .unwrap()
        .gramian()
        .unwrap();
    let losses = TaskLosses::new(vec![Some(1.0); 3]).unwrap();
    let first = balancer.weigh(0, &gramian, &losses).unwrap();
    let second = balancer.weigh(1, &gramian, &losses).unwrap();
    assert_ne!(first, second);
    let mean = TaskWeights::mean(&[first.clone(), second.clone()]);
    for task in 0..3 {
        let half = 0.5 * (first.get(task).unwrap() + second.get(task).unwrap());
        assert!((mean.get(task).unwrap() - half).abs() < 1e-15);
    }
    assert!((mean.total() - 1.0).abs() < 1e-12);
}

#[test]
fn every_gradient_method_resumes_from_its_state() {
    // The last task appears only after the stop, so that nothing of it was kept before.
    let step = |numbers: &mut Numbers, step: usize| {
        let mut losses = step_losses(numbers);
        let mut rows = numbers.rows(3, 9);
        if step == 1 && rows.len() == 3 {
            rows.remove(1);
            losses[1] = None;
        }
        if step < 4 {
            rows.pop();
            losses[2] = None;
        }
        (rows, TaskLosses::new(losses).unwrap())
    };
    for table in tables() {
        // Needs three tasks in every step.
        if table["method"] == "trimmed-mean" || table["method"] == "krum" {
            continue;
        }
        let sizes = [4, 5];
        let mut numbers = Numbers::new(5);
        let (mut whole, mut stopped) = (blocks(&table, 2), blocks(&table, 2));
        for index in 0..4 {
            let (rows, losses) = step(&mut numbers, index);
            directions(&mut whole, &rows, &sizes, &losses);
            directions(&mut stopped, &rows, &sizes, &losses);
        }
        let saved = serde_json::to_string(&stopped.state()).unwrap();
        let mut resumed = blocks(&table, 2);
        resumed
            .restore(serde_json::from_str(&saved).unwrap())
            .unwrap();
        for index in 4..9 {
            let (rows, losses) = step(&mut numbers, index);
            let expected = directions(&mut whole, &rows, &sizes, &losses);
            let found = directions(&mut resumed, &rows, &sizes, &losses);
            assert_eq!(found, expected, "{table}");
        }
    }
}

fn step_losses(numbers: &mut Numbers) -> Vec<Option<f64>> {
    (0..3).map(|_| Some(0.1 + numbers.uniform())).collect()
}

#[test]
fn a_state_of_other_blocks_changes_nothing() {
    let table = json!({"method": "gradvac"});
    let mut balancer = blocks(&table, 2);
    let before = balancer.state();
    let error = balancer.restore(blocks(&table, 3).state()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("it holds 3 blocks of parameters, expected 2"),
        "{error}"
    );
    let mut mixed = before.clone();
    let mut other = build(&table, 3);
    let mut numbers = Numbers::new(4);
    let (rows, losses) = (numbers.rows(3, 4), step(&mut numbers, 3));
    direction(&mut other, &rows, &losses).unwrap();
    mixed.parts[0] = other.state();
    mixed.parts[1].method = "pcgrad".to_owned();
    let error = balancer.restore(mixed).unwrap_err();
    assert!(error.to_string().contains("saved by `pcgrad`"), "{error}");
    assert_eq!(balancer.state().parts.len(), before.parts.len());
    let text = |state| serde_json::to_string(state).unwrap();
    assert_eq!(text(&balancer.state()), text(&before));
}

#[test]
fn kept_weights_and_warm_up_need_no_gradients() {
    let table = json!({"method": "upgrad", "normalize": "mean", "wrap": [
        {"average": {"decay": 0.5}}, {"refresh": {"every": 3}}, {"warm-up": {"steps": 1}},
    ]});
    let mut balancer = blocks(&table, 2);
    let mut reference = blocks(&table, 2);
    let mut numbers = Numbers::new(6);
    let mut needed = Vec::new();
    for _ in 0..7 {
        let (rows, losses) = (numbers.rows(3, 5), step(&mut numbers, 3));
        let gramian = GradientRows::from_f64(&rows).unwrap().gramian().unwrap();
        let weigh =
            |balancer: &mut BlockBalancer, block| balancer.weigh(block, &gramian, &losses).unwrap();
        let expected: Vec<_> = (0..2).map(|block| weigh(&mut reference, block)).collect();
        let spared = balancer.weigh_by_losses(&losses).unwrap();
        needed.push(spared.is_none());
        let found =
            spared.unwrap_or_else(|| (0..2).map(|block| weigh(&mut balancer, block)).collect());
        assert_eq!(found, expected);
    }
    // The warm-up answers step 0, whose weights are then kept for steps 1 and 2.
    assert_eq!(needed, [false, false, false, true, false, false, true]);
    let mut lengths = blocks(
        &json!({"method": "mgda", "wrap": ["unit-norm", {"refresh": {"every": 9}}]}),
        1,
    );
    for _ in 0..2 {
        let (rows, losses) = (numbers.rows(3, 5), step(&mut numbers, 3));
        // Weights of unit gradients are divided by the norms of the step.
        assert_eq!(lengths.weigh_by_losses(&losses), Ok(None));
        directions(&mut lengths, &rows, &[5], &losses);
    }
}
