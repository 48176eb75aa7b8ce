//! The next settings, by whichever sampler, and never those of a trial before.

use mtnet_core::RandomStream;
use mtnet_train::run_file::SamplerKind;

use super::{random, tree_parzen};
use crate::{Settings, Space};

/// A trial as a sampler sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// What was tried.
    pub settings: Settings,
    /// How well it did, higher is better; `None` where it failed.
    pub score: Option<f64>,
}

/// How often a sampler is asked again for settings that were not tried yet.
const ATTEMPTS: u64 = 64;

/// The settings of trial `trials.len()`, never those of a trial before; `None` where all there are
/// were tried.
///
/// They depend on the arguments alone: on `seed`, and on the trials before in their order.
pub fn propose(
    space: &Space,
    sampler: SamplerKind,
    seed: u64,
    trials: &[Observation],
) -> Option<Settings> {
    let tried = |settings: &Settings| trials.iter().any(|trial| trial.settings == *settings);
    let stream = RandomStream::new(seed)
        .child("tune")
        .at(trials.len() as u64);
    for attempt in 0..ATTEMPTS {
        let stream = stream.at(attempt);
        let settings = match sampler {
            SamplerKind::Tpe if trials.len() >= tree_parzen::STARTUP => {
                tree_parzen::draw(space, trials, &stream)
            }
            _ => random::draw(space, &stream),
        };
        if !tried(&settings) {
            return Some(settings);
        }
    }
    // A space of which most was tried: the first settings that were not.
    let size = space.size()?;
    (0..size)
        .filter_map(|number| space.numbered(number))
        .find(|settings| !tried(settings))
}
