//! The order of an epoch, a pure function of seed and epoch.
//!
//! Each group walks shuffled permutations of its examples, one behind the other and on from where
//! the epoch before left it: an example comes again only when all others of its group have come.
//! Groups are interleaved evenly: the `i`-th of a group's `n` draws stands at a random place of the
//! `i`-th of `n` equal stretches of the epoch, or in the middle of it for round-robin.

use mtnet_core::RandomStream;

use super::{SamplerConfig, SamplingGroup, Strategy, epoch_draws};

/// The examples of an epoch (from 0) of `epochs` in order; an example may come several times.
///
/// `stream` is the run's stream for data order, whatever its position.
pub fn epoch_order(
    groups: &[SamplingGroup],
    config: &SamplerConfig,
    stream: RandomStream,
    epoch: usize,
    epochs: usize,
) -> Vec<usize> {
    let draws = epoch_draws(groups, config, epoch, epochs);
    let mut before = vec![0; groups.len()];
    for earlier in 0..epoch {
        let draws = epoch_draws(groups, config, earlier, epochs);
        before
            .iter_mut()
            .zip(draws)
            .for_each(|(sum, drawn)| *sum += drawn);
    }
    let mut jitter = stream.child("interleave").at(epoch as u64);
    let mut placed: Vec<(f64, usize)> = Vec::with_capacity(draws.iter().sum());
    for ((group, &drawn), &start) in groups.iter().zip(&draws).zip(&before) {
        for (position, example) in walk(group, stream, start, drawn).into_iter().enumerate() {
            let within = match config.strategy {
                Strategy::RoundRobin => 0.5,
                _ => jitter.uniform_f64(),
            };
            placed.push(((position as f64 + within) / drawn as f64, example));
        }
    }
    // Stable: groups that tie keep their order.
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    placed.into_iter().map(|(_, example)| example).collect()
}

/// Draws `start..start + count` of a group's endless walk.
fn walk(group: &SamplingGroup, stream: RandomStream, start: usize, count: usize) -> Vec<usize> {
    let size = group.examples.len();
    let Some(name) = group.tasks.keys().next().filter(|_| size > 0) else {
        return Vec::new();
    };
    let rounds = stream.child("permutation").child(name.as_str());
    let mut drawn = Vec::with_capacity(count);
    let end = start + count;
    let mut at = start;
    while at < end {
        let round = at / size;
        let mut permutation = group.examples.clone();
        rounds.at(round as u64).shuffle(&mut permutation);
        let upto = end.min((round + 1) * size);
        drawn.extend_from_slice(&permutation[at - round * size..upto - round * size]);
        at = upto;
    }
    drawn
}
