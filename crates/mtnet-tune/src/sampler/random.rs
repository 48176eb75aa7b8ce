//! Random search (Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization", §2):
//! every dimension by itself, uniformly over its interval.

use mtnet_core::RandomStream;

use crate::{Settings, Space};

/// Settings drawn from `stream`, each from the child of its name.
pub(super) fn draw(space: &Space, stream: &RandomStream) -> Settings {
    let one = |dimension: &crate::Dimension| {
        let (low, high) = dimension.interval();
        let share = stream.child(&dimension.name).uniform_f64();
        let value = dimension.value_at(low + share * (high - low));
        (dimension.name.clone(), value)
    };
    space.dimensions.iter().map(one).collect()
}
