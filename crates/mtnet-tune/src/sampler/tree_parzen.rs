//! Tree-structured Parzen estimators (Bergstra, Bardenet, Bengio and Kégl 2011, "Algorithms for
//! Hyper-Parameter Optimization", NeurIPS 24, §4).
//!
//! The best share `γ` of the trials gives a density `l`, all others a density `g`, for each
//! dimension by itself; of 24 points drawn from `l`, the one with the largest `l / g` is taken,
//! which maximises the expected improvement (eq. 8 there). The densities are those of the crate
//! `tpe`:
//!
//! - A range: a mixture of normals, one on each trial and one, the prior, on the middle of the
//!   interval, all with the same weight, cut to the interval. The deviation is the larger distance
//!   to the neighbours, at least the `1 / min(100, 1 + n)`-th of the interval.
//! - Choices: how often each was tried, plus 1.
//!
//! Here `γ = 0.15`, and the first ten trials are random. `log` ranges are modelled by their
//! logarithms, grids as ranges whose points are rounded. A trial that failed is worse than every
//! score and so belongs to `g`: hyperopt and Optuna leave such trials out. Nor are trials
//! weighted by their age, as in both; and the prior of both is as wide as the interval.

use mtnet_core::RandomStream;
use tpe::density_estimation::DefaultEstimatorBuilder;
use tpe::{TpeOptimizer, TpeOptimizerBuilder};

use super::Observation;
use super::generator::Generator;
use crate::{Dimension, Settings, Space};

/// Random trials before the first that is not.
pub(super) const STARTUP: usize = 10;

/// Share of the trials that are the good ones.
const GAMMA: f64 = 0.15;

/// Settings that look most like those of the good trials and least like the others'.
pub(super) fn draw(space: &Space, trials: &[Observation], stream: &RandomStream) -> Settings {
    let one = |dimension: &Dimension| {
        let point = point(dimension, trials, stream.child(&dimension.name));
        (dimension.name.clone(), dimension.value_at(point))
    };
    space.dimensions.iter().map(one).collect()
}

fn point(dimension: &Dimension, trials: &[Observation], stream: RandomStream) -> f64 {
    let mut optimizer = optimizer(dimension);
    for trial in trials {
        // A value that a resumed search no longer has tells nothing.
        let value = trial.settings.get(&dimension.name);
        let point = value.and_then(|value| dimension.point_of(value));
        let loss = trial.score.map_or(f64::INFINITY, |score| -score);
        if let Some(point) = point
            && !loss.is_nan()
        {
            let told = optimizer.tell(point, loss);
            told.expect("a point of the interval with a number");
        }
    }
    match optimizer.ask(&mut Generator(stream)) {
        Ok(point) => point,
        Err(never) => match never {},
    }
}

fn optimizer(dimension: &Dimension) -> TpeOptimizer<DefaultEstimatorBuilder> {
    let (low, high) = dimension.interval();
    let (estimator, range) = match dimension.is_categorical() {
        true => (
            tpe::histogram_estimator(),
            tpe::categorical_range(high as usize),
        ),
        false => (tpe::parzen_estimator(), tpe::range(low, high)),
    };
    let range = range.expect("a checked dimension has an interval");
    TpeOptimizerBuilder::new()
        .gamma(GAMMA)
        .build(estimator, range)
        .expect("constants within their ranges")
}
