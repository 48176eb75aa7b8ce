//! Samplers on functions that cost nothing.

use mtnet_train::run_file::SamplerKind;
use mtnet_tune::{Dimension, Observation, Range, Settings, Space, Values, importance, propose};
use toml::Value;

fn range(name: &str, low: f64, high: f64, log: bool) -> Dimension {
    Dimension {
        name: name.to_owned(),
        values: Values::Range(Range {
            low,
            high,
            log,
            step: None,
            whole: false,
        }),
    }
}

fn choices(name: &str, values: &[&str]) -> Dimension {
    let values = values.iter().map(|&value| Value::from(value));
    Dimension {
        name: name.to_owned(),
        values: Values::Choices(values.collect()),
    }
}

/// A learning rate, a share, and an encoder, as in a real run file.
fn space() -> Space {
    Space {
        dimensions: vec![
            range("rate", 1e-5, 1e-1, true),
            range("dropout", 0.0, 0.9, false),
            choices("encoder", &["a", "b", "c", "d"]),
        ],
    }
}

/// Best, with 0, at a rate of 3e-3, a dropout of 0.2 and encoder `c`.
fn score(settings: &Settings) -> f64 {
    let number = |name: &str| settings[name].as_float().expect("a number");
    let rate = (number("rate") / 3e-3).log10();
    let dropout = (number("dropout") - 0.2) / 0.3;
    let encoder = match settings["encoder"].as_str() {
        Some("c") => 0.0,
        Some("a") => 0.3,
        _ => 1.0,
    };
    -(rate * rate + dropout * dropout + encoder)
}

/// The trials of a search.
fn searched(sampler: SamplerKind, seed: u64, count: usize) -> Vec<Observation> {
    let (space, mut trials) = (space(), Vec::new());
    for _ in 0..count {
        let settings = propose(&space, sampler, seed, &trials).expect("an endless space");
        let score = Some(score(&settings));
        trials.push(Observation { settings, score });
    }
    trials
}

fn best(trials: &[Observation]) -> f64 {
    trials
        .iter()
        .filter_map(|trial| trial.score)
        .fold(f64::NEG_INFINITY, f64::max)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn tpe_comes_nearer_than_random_search() {
    let of = |sampler| {
        median(
            (0..41)
                .map(|seed| best(&searched(sampler, seed, 50)))
                .collect(),
        )
    };
    let (tpe, random) = (of(SamplerKind::Tpe), of(SamplerKind::Random));
    // The bound lies between the two medians: random search fails it.
    assert!(tpe > -0.05, "{tpe} {random}");
    assert!(random < -0.05, "{tpe} {random}");
}

#[test]
fn proposals_are_a_function_of_seed_and_trials() {
    for sampler in [SamplerKind::Random, SamplerKind::Tpe] {
        let whole = searched(sampler, 3, 30);
        assert_eq!(whole, searched(sampler, 3, 30));
        for count in [0, 5, 10, 11, 29] {
            let next = propose(&space(), sampler, 3, &whole[..count]).unwrap();
            assert_eq!(next, whole[count].settings, "{count}");
        }
        assert_ne!(whole, searched(sampler, 4, 30));
    }
    let (random, tpe) = (
        searched(SamplerKind::Random, 3, 30),
        searched(SamplerKind::Tpe, 3, 30),
    );
    assert_eq!(random[..10], tpe[..10]);
    assert_ne!(random[10..], tpe[10..]);
}

/// How many of the trials 20 to 60 of all seeds fail, where half of all rates do and no score tells.
fn failures(sampler: SamplerKind) -> usize {
    let space = space();
    let of_seed = |seed| {
        let mut trials = Vec::new();
        for _ in 0..60 {
            let settings = propose(&space, sampler, seed, &trials).expect("an endless space");
            let rate = settings["rate"].as_float().expect("a number");
            let score = (rate < 1e-3).then(|| settings["dropout"].as_float().expect("a number"));
            trials.push(Observation { settings, score });
        }
        let failed = |trial: &&Observation| trial.score.is_none();
        trials[20..].iter().filter(failed).count()
    };
    (0..15).map(of_seed).sum()
}

#[test]
fn failed_trials_push_away() {
    let (tpe, random) = (failures(SamplerKind::Tpe), failures(SamplerKind::Random));
    // Random search fails half of 600.
    assert!(random > 240, "{random}");
    assert!(tpe < 120, "{tpe} {random}");
}

#[test]
fn a_small_space_is_tried_once_and_no_more() {
    let grid = Range {
        low: 1.0,
        high: 3.0,
        log: false,
        step: Some(1.0),
        whole: true,
    };
    let space = Space {
        dimensions: vec![
            Dimension {
                name: "layers".to_owned(),
                values: Values::Range(grid),
            },
            choices("encoder", &["a", "b", "c", "d", "e"]),
        ],
    };
    assert_eq!(space.size(), Some(15));
    for sampler in [SamplerKind::Random, SamplerKind::Tpe] {
        let mut trials: Vec<Observation> = Vec::new();
        while let Some(settings) = propose(&space, sampler, 9, &trials) {
            assert!(trials.iter().all(|trial| trial.settings != settings));
            let score = settings["layers"].as_integer().map(|layers| layers as f64);
            trials.push(Observation { settings, score });
        }
        assert_eq!(trials.len(), 15);
    }
}

#[test]
fn importance_finds_the_setting_that_matters() {
    let trials: Vec<Observation> = searched(SamplerKind::Random, 8, 80)
        .into_iter()
        .map(|mut trial| {
            trial.score = trial.settings["rate"].as_float().map(f64::ln);
            trial
        })
        .collect();
    let found = importance(&space(), &trials);
    assert_eq!(found.len(), 3);
    assert_eq!((found[0].setting.as_str(), found[0].trials), ("rate", 80));
    assert!(
        found[0].share > 0.9 && found[0].trend == Some(1.0),
        "{found:?}"
    );
    assert!(
        found[1..].iter().all(|other| other.share < 0.2),
        "{found:?}"
    );
    assert!(importance(&space(), &trials[..9]).is_empty());
}
