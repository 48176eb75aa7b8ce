//! The last few of a series of numbers.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// At most so many numbers are kept.
const KEPT: usize = 50;

/// The first and the last numbers of a series. Only finite ones are taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Recent {
    /// The first ones, as many as [`FIRST`](Self::FIRST).
    first: Vec<f64>,
    last: VecDeque<f64>,
    count: u64,
}

impl Recent {
    /// How many of the first numbers stand for "at first".
    pub const FIRST: usize = 10;

    pub fn push(&mut self, number: f64) {
        if !number.is_finite() {
            return;
        }
        if self.first.len() < Self::FIRST {
            self.first.push(number);
        }
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(number);
        self.count += 1;
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean of the first numbers, once there are enough.
    pub fn first_mean(&self) -> Option<f64> {
        (self.first.len() == Self::FIRST).then(|| mean(self.first.iter()))
    }

    /// Mean of the last `count` numbers, of which there must be so many.
    pub fn last_mean(&self, count: usize) -> Option<f64> {
        let start = self.last.len().checked_sub(count)?;
        Some(mean(self.last.range(start..)))
    }

    /// Median of the last numbers, once there are enough; at least `share` of what the first ones
    /// were, since what has shrunk to nearly nothing jumps by nature.
    pub fn usual(&self, share: f64) -> Option<f64> {
        let first = self.first_mean()?;
        let mut sorted: Vec<f64> = self.last.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        Some(sorted[sorted.len() / 2].max(share * first))
    }
}

fn mean<'a>(numbers: impl ExactSizeIterator<Item = &'a f64>) -> f64 {
    let count = numbers.len().max(1) as f64;
    numbers.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_the_median_are_of_the_right_numbers() {
        let mut recent = Recent::default();
        (0..9).for_each(|number| recent.push(f64::from(number)));
        recent.push(f64::NAN);
        assert_eq!((recent.first_mean(), recent.usual(0.1)), (None, None));
        recent.push(9.0);
        assert_eq!(recent.first_mean(), Some(4.5));
        assert_eq!(recent.usual(0.1), Some(5.0));
        assert_eq!(recent.last_mean(2), Some(8.5));
        (0..KEPT).for_each(|_| recent.push(0.1));
        assert_eq!(
            recent.usual(0.1),
            Some(0.45),
            "not below a tenth of the first"
        );
        assert_eq!(recent.last_mean(KEPT + 1), None);
        assert_eq!(recent.count(), 10 + KEPT as u64);
    }
}
