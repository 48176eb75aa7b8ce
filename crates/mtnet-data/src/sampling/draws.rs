//! How many examples of each group an epoch draws.

use super::{SamplerConfig, SamplingGroup, Strategy};

/// Draws of each group in an epoch (from 0) of `epochs`. They add up to
/// [`examples_per_epoch`](SamplerConfig::examples_per_epoch), or to the number of examples.
///
/// Shares are rounded by largest remainders (Hamilton's method).
pub fn epoch_draws(
    groups: &[SamplingGroup],
    config: &SamplerConfig,
    epoch: usize,
    epochs: usize,
) -> Vec<usize> {
    let sizes: Vec<usize> = groups.iter().map(|group| group.examples.len()).collect();
    let all: usize = sizes.iter().sum();
    let total = config.examples_per_epoch.unwrap_or(all);
    if config.strategy == Strategy::Proportional && total == all {
        return sizes;
    }
    let weights: Vec<f64> = groups
        .iter()
        .map(|group| weight(group, config, epoch, epochs))
        .collect();
    apportion(total, &weights)
}

fn weight(group: &SamplingGroup, config: &SamplerConfig, epoch: usize, epochs: usize) -> f64 {
    let size = group.examples.len() as f64;
    match config.strategy {
        Strategy::Proportional => size,
        Strategy::Uniform | Strategy::RoundRobin => 1.0,
        Strategy::Temperature => size.powf(1.0 / temperature(config, epoch, epochs)),
        Strategy::Weights => group
            .tasks
            .keys()
            .map(|task| config.weights.get(task).copied().unwrap_or(1.0))
            .fold(0.0, f64::max),
    }
}

fn temperature(config: &SamplerConfig, epoch: usize, epochs: usize) -> f64 {
    let first = config.temperature.unwrap_or(2.0);
    if !config.anneal || epochs < 2 {
        return first;
    }
    let passed = (epoch as f64 / (epochs - 1) as f64).min(1.0);
    first + (1.0 - first) * passed
}

fn apportion(total: usize, weights: &[f64]) -> Vec<usize> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return vec![0; weights.len()];
    }
    let shares: Vec<f64> = weights
        .iter()
        .map(|weight| total as f64 * weight / sum)
        .collect();
    let mut draws: Vec<usize> = shares.iter().map(|share| share.floor() as usize).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len())
        .filter(|&group| weights[group] > 0.0)
        .collect();
    by_remainder.sort_by(|&a, &b| shares[b].fract().total_cmp(&shares[a].fract()));
    let mut missing = total.saturating_sub(draws.iter().sum());
    for &group in by_remainder.iter().cycle() {
        if missing == 0 {
            break;
        }
        draws[group] += 1;
        missing -= 1;
    }
    draws
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mtnet_core::TaskName;

    use super::*;

    fn groups(sizes: &[(&str, usize)]) -> Vec<SamplingGroup> {
        let mut next = 0;
        sizes
            .iter()
            .map(|&(task, size)| {
                next += size;
                SamplingGroup {
                    tasks: BTreeMap::from([(TaskName::new(task).unwrap(), size)]),
                    examples: (next - size..next).collect(),
                }
            })
            .collect()
    }

    fn config(strategy: Strategy) -> SamplerConfig {
        SamplerConfig {
            strategy,
            ..SamplerConfig::default()
        }
    }

    #[test]
    fn shares_follow_the_strategy() {
        let groups = groups(&[("a", 900), ("b", 100), ("c", 4)]);
        let draws = |config: &SamplerConfig| epoch_draws(&groups, config, 0, 3);
        assert_eq!(draws(&config(Strategy::Proportional)), [900, 100, 4]);
        assert_eq!(draws(&config(Strategy::Uniform)), [335, 335, 334]);
        assert_eq!(draws(&config(Strategy::RoundRobin)), [335, 335, 334]);
        // Square roots are 30, 10 and 2, of 42 together.
        assert_eq!(draws(&config(Strategy::Temperature)), [717, 239, 48]);
        let weights = SamplerConfig {
            weights: BTreeMap::from([
                (TaskName::new("a").unwrap(), 3.0),
                (TaskName::new("c").unwrap(), 0.0),
            ]),
            ..config(Strategy::Weights)
        };
        assert_eq!(draws(&weights), [753, 251, 0]);
        let half = SamplerConfig {
            examples_per_epoch: Some(502),
            ..config(Strategy::Proportional)
        };
        assert_eq!(draws(&half), [450, 50, 2]);
    }

    #[test]
    fn an_annealed_temperature_ends_proportional() {
        let groups = groups(&[("a", 900), ("b", 100)]);
        let annealed = SamplerConfig {
            anneal: true,
            ..config(Strategy::Temperature)
        };
        let draws = |epoch| epoch_draws(&groups, &annealed, epoch, 3);
        assert_eq!(draws(0), [750, 250]);
        // 900^(2/3) and 100^(2/3) are 93.22 and 21.54.
        assert_eq!(draws(1), [812, 188]);
        assert_eq!(draws(2), [900, 100]);
    }
}
