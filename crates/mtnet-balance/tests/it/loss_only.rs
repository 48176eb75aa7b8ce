//! Loss weightings that no library has: their definition, worked out by hand.

use mtnet_balance::loss::*;
use mtnet_balance::{Observation, ObservationKind, OptimizerKind, TaskInfo, TaskLosses};

use crate::fixture::assert_close;

fn losses(values: &[f64]) -> TaskLosses {
    TaskLosses::new(values.iter().copied().map(Some).collect()).unwrap()
}

fn weigh(weighting: &mut dyn LossWeighting, values: &[f64]) -> Vec<f64> {
    let weights = weighting.weigh(&losses(values)).unwrap();
    weights.values().iter().flatten().copied().collect()
}

/// The weights are the gradient of the total, by central differences on fresh methods.
fn check_gradient<W: LossWeighting>(make: impl Fn() -> W, values: &[f64]) {
    let weights = weigh(&mut make(), values);
    let total = |values: &[f64]| make().weigh(&losses(values)).unwrap().total();
    for task in 0..values.len() {
        let step = 1e-5 * values[task];
        let mut moved = values.to_vec();
        moved[task] += step;
        let above = total(&moved);
        moved[task] -= 2.0 * step;
        let slope = (above - total(&moved)) / (2.0 * step);
        assert_close(&[slope], &[weights[task]], 1e-6, &format!("task {task}"));
    }
}

#[test]
fn weights_are_the_gradient_of_the_total() {
    let values = [0.3, 2.0, 1.1];
    check_gradient(
        || RevisedUncertaintyWeighting::new(&RevisedUncertaintyConfig::default(), 3).unwrap(),
        &values,
    );
    let tasks = ["a", "b", "c"].map(|name| TaskInfo::new(name, Some(2)));
    check_gradient(
        || {
            let config = UncertaintyConfig {
                form: UncertaintyForm::ByTask,
                initial_log_variance: 0.4,
                ..UncertaintyConfig::default()
            };
            UncertaintyWeighting::new(&config, &tasks).unwrap()
        },
        &values,
    );
    check_gradient(
        || {
            CosmosWeighting::new(
                &CosmosConfig {
                    lambda: 2.0,
                    weights: Default::default(),
                },
                &tasks,
            )
            .unwrap()
        },
        &values,
    );
}

#[test]
fn both_uncertainties_settle_where_their_total_is_least() {
    let rule = (OptimizerKind::Sgd, 0.1);
    let tasks = ["a", "b"].map(|name| TaskInfo::new(name, None));
    let mut plain = UncertaintyWeighting::new(
        &UncertaintyConfig {
            optimizer: rule.0,
            learning_rate: rule.1,
            ..Default::default()
        },
        &tasks,
    )
    .unwrap();
    let mut revised = RevisedUncertaintyWeighting::new(
        &RevisedUncertaintyConfig {
            optimizer: rule.0,
            learning_rate: rule.1,
            ..Default::default()
        },
        2,
    )
    .unwrap();
    for _ in 0..3000 {
        weigh(&mut plain, &[0.5, 4.0]);
        weigh(&mut revised, &[0.5, 4.0]);
    }
    // d/ds: e^{-s} L = 1, so w = 1 / (2 L).
    assert_close(
        &weigh(&mut plain, &[0.5, 4.0]),
        &[1.0, 0.125],
        1e-9,
        "plain",
    );
    // L/2 e^{-s} = e^s / (1 + e^s): with u = e^s, 2 u² = L (1 + u).
    for (log_variance, loss) in revised.log_variances().iter().zip([0.5f64, 4.0]) {
        let expected = (loss + (loss * loss + 8.0 * loss).sqrt()) / 4.0;
        assert_close(&[log_variance.exp()], &[expected], 1e-9, "revised");
    }
}

#[test]
fn the_bound_of_the_log_variance_bounds_the_weight() {
    let tasks = [TaskInfo::new("a", None)];
    let config = UncertaintyConfig {
        min_log_variance: Some(-1.0),
        learning_rate: 0.5,
        ..Default::default()
    };
    let mut weighting = UncertaintyWeighting::new(&config, &tasks).unwrap();
    for _ in 0..50 {
        weigh(&mut weighting, &[1e-9]);
    }
    assert_eq!(weighting.log_variances(), [-1.0]);
}

#[test]
fn uw_so_is_a_softmax_of_inverse_losses() {
    let mut weighting = UwSoWeighting::new(&UwSoConfig { temperature: 2.0 }, 2).unwrap();
    // 1/L / T = 1, 0.25
    let ratio = 0.75f64.exp();
    let expected = [ratio / (1.0 + ratio), 1.0 / (1.0 + ratio)];
    assert_close(
        &weigh(&mut weighting, &[0.5, 2.0]),
        &expected,
        1e-12,
        "uw-so",
    );
    // A solved task takes all the weight, and nothing breaks.
    assert_eq!(weigh(&mut weighting, &[0.0, 2.0]), [1.0, 0.0]);
}

#[test]
fn slaw_weights_are_inverse_to_the_spread() {
    let mut weighting = SlawWeighting::new(&SlawConfig { decay: 0.999 }, 2).unwrap();
    assert_eq!(weigh(&mut weighting, &[1.0, 10.0]), [1.0, 1.0]);
    let mut weights = Vec::new();
    for step in 0..20_000 {
        let sign = if step % 2 == 0 { 1.0 } else { -1.0 };
        weights = weigh(&mut weighting, &[5.0 + 0.5 * sign, 5.0 + 1.5 * sign]);
    }
    // Spreads 0.5 and 1.5: weights 3 : 1, adding up to 2.
    assert_close(&weights, &[1.5, 0.5], 1e-3, "slaw");
}

#[test]
fn dtp_gives_less_to_tasks_that_do_well() {
    let mut weighting = DtpWeighting::new(
        &DtpConfig {
            gamma: 2.0,
            decay: 0.5,
        },
        3,
    )
    .unwrap();
    assert_eq!(
        weighting.observes(),
        Some(ObservationKind::ValidationScores)
    );
    assert_eq!(weigh(&mut weighting, &[1.0, 1.0, 1.0]), [1.0; 3]);
    let scores = TaskLosses::new(vec![Some(0.4), Some(1.0), None]).unwrap();
    weighting
        .observe(Observation::ValidationScores(&scores))
        .unwrap();
    let expected = [-(0.6f64 * 0.6) * 0.4f64.ln(), 0.0, 1.0];
    assert_close(&weigh(&mut weighting, &[1.0; 3]), &expected, 1e-12, "dtp");
    let scores = TaskLosses::new(vec![Some(0.8), None, None]).unwrap();
    weighting
        .observe(Observation::ValidationScores(&scores))
        .unwrap();
    // The average of 0.4 and 0.8.
    let expected = -(0.4f64 * 0.4) * 0.6f64.ln();
    assert_close(
        &weigh(&mut weighting, &[1.0; 3])[..1],
        &[expected],
        1e-12,
        "dtp",
    );
    let percent = TaskLosses::new(vec![Some(80.0), None, None]).unwrap();
    let error = weighting
        .observe(Observation::ValidationScores(&percent))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("in 0..=1, higher is better, but task number 0 (from 0) has 80"),
        "{error}"
    );
}

#[test]
fn coba_follows_its_definition() {
    let config = CobaConfig {
        warmup: 3,
        history: 3,
        tau: 5.0,
    };
    let mut weighting = CobaWeighting::new(&config, 2).unwrap();
    let tell = |weighting: &mut CobaWeighting, values: &[f64]| {
        weighting
            .observe(Observation::ValidationLosses(&losses(values)))
            .unwrap();
        weigh(weighting, &[1.0, 1.0])
    };
    assert_eq!(tell(&mut weighting, &[2.0, 4.0]), [0.5, 0.5]);
    assert_eq!(tell(&mut weighting, &[1.6, 3.6]), [0.5, 0.5]);
    // Ratios 1, 0.8, 0.6 and 1, 0.9, 0.8: slopes -0.2 and -0.1, of the larger -0.1.
    // One slope kept: α/Σ|α| over time is -1 for both, ACS = (1/2, 1/2), and the
    // softmax over one point is 1, so DF = 1. RCS = softmax(2·(-2/3), 2·(-1/3)).
    let third = tell(&mut weighting, &[1.2, 3.2]);
    let rcs = 1.0 / (1.0 + (2.0f64 / 3.0).exp());
    let expected = 1.0 / (1.0 + (2.0 * (1.0 - 2.0 * rcs)).exp());
    assert_close(&third, &[expected, 1.0 - expected], 1e-12, "third");
    // Next ratios 0.4 and 1.0: slopes over the last three -0.2 and 0.05; largest
    // 0.9, 0.8, 1.0: slope 0.05.
    let fourth = tell(&mut weighting, &[0.8, 4.0]);
    let rcs = 1.0 / (1.0 + (2.0 * (0.05 + 0.2) / 0.25f64).exp());
    let acs = 1.0 / (1.0 + (-2.0 * 0.05 / 0.15 - 2.0 * 0.2 / 0.4f64).exp());
    let divergence: f64 = 2.0 / (1.0 + (5.0 * 2.0 * (0.05 + 0.1) / 0.15f64).exp());
    let logit = |rcs: f64, acs: f64| 2.0 * (divergence * rcs + (1.0 - divergence) * acs);
    let difference = logit(1.0 - rcs, 1.0 - acs) - logit(rcs, acs);
    let expected = 1.0 / (1.0 + difference.exp());
    assert_close(&fourth, &[expected, 1.0 - expected], 1e-12, "fourth");
}

#[test]
fn random_weights_are_on_the_simplex_and_differ() {
    for distribution in [RandomDistribution::Normal, RandomDistribution::Dirichlet] {
        let mut weighting = RlwWeighting::new(&RlwConfig { distribution }, 3, 5);
        let first = weigh(&mut weighting, &[1.0; 3]);
        let second = weigh(&mut weighting, &[1.0; 3]);
        assert_ne!(first, second);
        for weights in [first, second] {
            assert_close(&[weights.iter().sum()], &[1.0], 1e-12, "sum");
            assert!(weights.iter().all(|weight| *weight > 0.0));
        }
    }
}

#[test]
fn dwa_can_count_steps_in_place_of_epochs() {
    let config = DwaConfig {
        temperature: 1.0,
        window_steps: Some(2),
    };
    let mut weighting = DwaWeighting::new(&config, 2).unwrap();
    let rows = [[4.0, 1.0], [4.0, 1.0], [2.0, 1.0], [2.0, 1.0], [1.0, 1.0]];
    let mut weights = Vec::new();
    for (step, row) in rows.iter().enumerate() {
        let weighed = weighting.weigh(&losses(row).at(step as u64, 0)).unwrap();
        weights = weighed.values().iter().flatten().copied().collect();
    }
    // Ratios of the means 2/4 and 1/1.
    let share = 1.0 / (1.0 + 0.5f64.exp());
    assert_close(&weights, &[2.0 * share, 2.0 - 2.0 * share], 1e-12, "dwa");
}

#[test]
fn stch_log_takes_a_late_task_from_its_first_loss() {
    let config = StchLogConfig {
        mu: 1.0,
        warmup_epochs: 0,
    };
    let mut weighting = StchLogWeighting::new(&config, 2).unwrap();
    let early = TaskLosses::new(vec![Some(2.0), None]).unwrap();
    weighting.weigh(&early).unwrap();
    assert_eq!((weighting.nadir(0), weighting.nadir(1)), (Some(2.0), None));
    let weights = weighting.weigh(&losses(&[1.0, 3.0]).at(5, 1)).unwrap();
    assert_eq!(weighting.nadir(1), Some(3.0));
    // With μ = 1 the total is 2 ln(1/2 + 1), so w = 2 / (3/2) / nadir.
    assert_close(
        weights
            .values()
            .iter()
            .flatten()
            .copied()
            .collect::<Vec<_>>()
            .as_slice(),
        &[2.0 / 3.0, 4.0 / 9.0],
        1e-12,
        "stch-log",
    );
}

#[test]
fn losses_without_a_logarithm_are_refused() {
    let mut weighting = ScaleInvariantWeighting::new(&ScaleInvariantConfig::default(), 1).unwrap();
    let error = weighting.weigh(&losses(&[-1.0])).unwrap_err();
    assert!(
        error.to_string().starts_with(
            "`scale-invariant` needs positive losses, but task number 0 (from 0) has -1"
        )
    );
    let mut weighting = GeometricMeanWeighting::new(1);
    assert!(weighting.weigh(&losses(&[-1e-9])).is_err());
    assert!(weighting.weigh(&losses(&[0.0])).is_ok());
}
