//! Properties of the order of epochs.

use std::collections::BTreeMap;

use mtnet_core::{RandomStream, Target};
use mtnet_data::{
    SamplerConfig, SamplingGroup, Strategy as Mix, epoch_draws, epoch_order, sampling_groups,
    task_draws,
};
use proptest::prelude::*;

use crate::support::task;

/// A pool of single-task groups `t0`, `t1` … of these sizes, their examples mixed.
fn pool(sizes: &[usize]) -> Vec<SamplingGroup> {
    let mut targets = Vec::new();
    for turn in 0..sizes.iter().copied().max().unwrap_or(0) {
        for (group, _) in sizes.iter().enumerate().filter(|(_, size)| turn < **size) {
            targets.push(BTreeMap::from([(
                task(&format!("t{group}")),
                Target::Class(0),
            )]));
        }
    }
    sampling_groups(&targets)
}

fn group_of(groups: &[SamplingGroup], example: usize) -> usize {
    groups
        .iter()
        .position(|group| group.examples.contains(&example))
        .unwrap()
}

fn config(strategy: Mix) -> SamplerConfig {
    SamplerConfig {
        strategy,
        ..SamplerConfig::default()
    }
}

fn any_config() -> impl Strategy<Value = SamplerConfig> {
    let weights = prop::collection::vec(0.1_f64..4.0, 4);
    let size = prop::option::of(1_usize..60);
    (0..5, 1.0_f64..8.0, any::<bool>(), weights, size).prop_map(
        |(strategy, temperature, anneal, weights, size)| {
            let mut config = SamplerConfig {
                examples_per_epoch: size,
                ..SamplerConfig::default()
            };
            match strategy {
                0 => {}
                1 => config.strategy = Mix::Uniform,
                2 => config.strategy = Mix::RoundRobin,
                3 => {
                    config.strategy = Mix::Temperature;
                    config.temperature = Some(temperature);
                    config.anneal = anneal;
                }
                _ => {
                    config.strategy = Mix::Weights;
                    config.weights = weights
                        .into_iter()
                        .enumerate()
                        .map(|(group, weight)| (task(&format!("t{group}")), weight))
                        .collect();
                }
            }
            config
        },
    )
}

proptest! {
    #[test]
    fn proportional_epochs_hold_every_example_once(
        sizes in prop::collection::vec(1_usize..30, 1..5),
        seed in any::<u64>(),
    ) {
        let groups = pool(&sizes);
        let total: usize = sizes.iter().sum();
        let stream = RandomStream::new(seed);
        let mut orders = Vec::new();
        for epoch in 0..3 {
            let order = epoch_order(&groups, &SamplerConfig::default(), stream, epoch, 3);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..total).collect::<Vec<_>>());
            orders.push(order);
        }
        if total > 20 {
            prop_assert_ne!(&orders[0], &orders[1]);
        }
    }

    #[test]
    fn any_strategy_fills_the_epoch_and_walks_without_replacement(
        sizes in prop::collection::vec(1_usize..20, 1..5),
        config in any_config(),
        seed in any::<u64>(),
        epochs in 1_usize..5,
    ) {
        let groups = pool(&sizes);
        let total = config.examples_per_epoch.unwrap_or(sizes.iter().sum());
        let stream = RandomStream::new(seed);
        let mut walked: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
        for epoch in 0..epochs {
            let order = epoch_order(&groups, &config, stream, epoch, epochs);
            prop_assert_eq!(order.len(), total);
            // A pure function of seed and epoch, whatever was drawn from the stream before.
            prop_assert_eq!(&order, &epoch_order(&groups, &config, stream.seek(9), epoch, epochs));
            let draws = epoch_draws(&groups, &config, epoch, epochs);
            let mut seen = vec![0; groups.len()];
            for &example in &order {
                let group = group_of(&groups, example);
                seen[group] += 1;
                walked[group].push(example);
            }
            prop_assert_eq!(seen, draws);
        }
        // Over all epochs, each round through a group holds each of its examples once.
        for (group, walk) in groups.iter().zip(&walked) {
            for round in walk.chunks(group.examples.len()) {
                let mut sorted = round.to_vec();
                sorted.sort_unstable();
                sorted.dedup();
                prop_assert_eq!(sorted.len(), round.len());
            }
        }
    }

    #[test]
    fn groups_are_spread_evenly(
        sizes in prop::collection::vec(5_usize..40, 2..5),
        config in any_config(),
        seed in any::<u64>(),
    ) {
        let groups = pool(&sizes);
        let order = epoch_order(&groups, &config, RandomStream::new(seed), 0, 1);
        let draws = epoch_draws(&groups, &config, 0, 1);
        for (group, &drawn) in draws.iter().enumerate() {
            let mut seen = 0;
            for (at, &example) in order.iter().enumerate() {
                seen += usize::from(group_of(&groups, example) == group);
                let expected = drawn as f64 * (at + 1) as f64 / order.len() as f64;
                // Each group lies within one draw of its place, so the front of the order does too,
                // up to one draw for each group.
                let slack = 1.0 + groups.len() as f64;
                prop_assert!((seen as f64 - expected).abs() <= slack, "{seen} of {expected} at {at}");
            }
        }
    }
}

#[test]
fn round_robin_takes_strict_turns() {
    let groups = pool(&[8, 4, 2]);
    let order = epoch_order(
        &groups,
        &config(Mix::RoundRobin),
        RandomStream::new(1),
        0,
        1,
    );
    let turns: Vec<usize> = order
        .iter()
        .map(|&example| group_of(&groups, example))
        .collect();
    // 14 draws are 5, 5 and 4.
    assert_eq!(turns[..3], [0, 1, 2]);
    assert_eq!(
        epoch_draws(&groups, &config(Mix::RoundRobin), 0, 1),
        [5, 5, 4]
    );
    let groups = pool(&[8, 4, 3]);
    let order = epoch_order(
        &groups,
        &config(Mix::RoundRobin),
        RandomStream::new(1),
        0,
        1,
    );
    let turns: Vec<usize> = order
        .iter()
        .map(|&example| group_of(&groups, example))
        .collect();
    assert_eq!(turns, [0, 1, 2].repeat(5));
}

#[test]
fn seeds_and_epochs_change_the_order() {
    let groups = pool(&[40, 10]);
    let order = |seed, epoch| {
        epoch_order(
            &groups,
            &SamplerConfig::default(),
            RandomStream::new(seed),
            epoch,
            2,
        )
    };
    assert_ne!(order(1, 0), order(2, 0));
    assert_ne!(order(1, 0), order(1, 1));
}

#[test]
fn the_plan_says_how_often_each_task_comes() {
    let targets: Vec<BTreeMap<_, _>> = [
        &["intent", "slots"][..],
        &["intent"],
        &["intent"],
        &["intent"],
        &["topic"],
        &[],
    ]
    .iter()
    .map(|names| {
        names
            .iter()
            .map(|name| (task(name), Target::Class(0)))
            .collect()
    })
    .collect();
    let groups = sampling_groups(&targets);
    let draws = task_draws(
        &groups,
        &SamplerConfig {
            examples_per_epoch: Some(12),
            ..config(Mix::Uniform)
        },
        0,
        1,
    );
    let row = |name: &str| {
        let draws = draws[&task(name)];
        (draws.available, draws.drawn, draws.repeats)
    };
    assert_eq!(row("intent"), (4, 6.0, 1.5));
    assert_eq!(row("slots"), (1, 1.5, 1.5));
    assert_eq!(row("topic"), (1, 6.0, 6.0));
}

#[test]
fn a_pool_without_targets_has_no_epoch() {
    let groups = sampling_groups(&[BTreeMap::new(), BTreeMap::new()]);
    assert!(groups.is_empty());
    for strategy in [Mix::Proportional, Mix::Uniform, Mix::Temperature] {
        assert!(epoch_order(&groups, &config(strategy), RandomStream::new(1), 0, 1).is_empty());
    }
}
