//! The split of training files by fractions.
//!
//! Texts are put in a seeded random order; the first share is the test part, the next the
//! development part. Examples with the same text (see [`normalised`]) stay together, so a part
//! never holds a text of another.

use std::collections::BTreeMap;

use mtnet_core::{InputText, RandomStream, Split};

use crate::config::DatasetConfig;
use crate::overlap::normalised;

/// The part of each example of the training files.
pub(super) fn partition<'a>(
    config: &DatasetConfig,
    texts: impl Iterator<Item = &'a InputText>,
) -> Vec<Split> {
    if config.dev_fraction.is_none() && config.test_fraction.is_none() {
        return texts.map(|_| Split::Train).collect();
    }
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let text_of: Vec<usize> = texts
        .map(|text| {
            let next = numbers.len();
            *numbers.entry(normalised(text)).or_insert(next)
        })
        .collect();
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    RandomStream::new(config.split_seed)
        .child("split")
        .child(config.name.as_str())
        .shuffle(&mut order);
    let share = |split| {
        let fraction = config.fraction(split).unwrap_or(0.0);
        (fraction * order.len() as f64).round() as usize
    };
    let test = share(Split::Test);
    let dev = test + share(Split::Dev);
    let mut part_of = vec![Split::Train; order.len()];
    for (rank, &text) in order.iter().enumerate().take(dev) {
        part_of[text] = if rank < test { Split::Test } else { Split::Dev };
    }
    text_of.into_iter().map(|text| part_of[text]).collect()
}
