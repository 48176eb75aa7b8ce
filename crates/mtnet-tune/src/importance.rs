//! How much of what trials differ by goes with each setting.
//!
//! The scores are ranked, the trials grouped by a setting's value (choices), or by its quarter (of
//! a range, equal values together), and `ε² = 1 − (1 − η²)(n − 1)/(n − k)`, at least 0, is the share
//! of the ranks' variance that lies between the `k` groups of `n` trials, less what chance gives
//! (Kelley 1935, "An Unbiased Correlation Ratio Measure"). It sees one setting at a time: nothing of
//! what two do together. A sampler that looks at scores leaves fewer trials where they are bad.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::space::Values;
use crate::{Observation, Space};

/// Fewer trials with a score say nothing.
const LEAST: usize = 10;

/// What goes with one setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The setting.
    pub setting: String,
    /// Share of the variance of the scores' ranks, from 0 to 1.
    pub share: f64,
    /// Spearman's correlation of value and score, for a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<f64>,
    /// Trials with a score.
    pub trials: usize,
}

/// The settings by importance, the largest first; nothing for fewer than ten trials with a score.
pub fn importance(space: &Space, trials: &[Observation]) -> Vec<Importance> {
    let scored: Vec<(&Observation, f64)> = trials
        .iter()
        .filter_map(|trial| Some((trial, trial.score?)))
        .collect();
    if scored.len() < LEAST {
        return Vec::new();
    }
    let scores: Vec<f64> = scored.iter().map(|&(_, score)| score).collect();
    let ranks = ranks(&scores);
    let mut all: Vec<Importance> = space
        .dimensions
        .iter()
        .filter_map(|dimension| {
            let points: Option<Vec<f64>> = scored
                .iter()
                .map(|(trial, _)| dimension.point_of(trial.settings.get(&dimension.name)?))
                .collect();
            let points = points?;
            let is_range = matches!(dimension.values, Values::Range(_));
            let groups: Vec<usize> = match is_range {
                true => quarters(&points),
                false => points.iter().map(|&point| point as usize).collect(),
            };
            let trend = is_range.then(|| mtnet_metrics::spearman(&points, &scores).ok());
            Some(Importance {
                setting: dimension.name.clone(),
                share: between(&groups, &ranks)?,
                trend: trend.flatten().filter(|trend| trend.is_finite()),
                trials: scored.len(),
            })
        })
        .collect();
    all.sort_by(|a, b| b.share.total_cmp(&a.share));
    all
}

/// `ε²` of `values` over groups; `None` where there is one group, or a group a value.
fn between(groups: &[usize], values: &[f64]) -> Option<f64> {
    let mut sums: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (&group, value) in groups.iter().zip(values) {
        let (sum, count) = sums.entry(group).or_default();
        *sum += value;
        *count += 1.0;
    }
    let (n, k) = (values.len() as f64, sums.len() as f64);
    let mean = values.iter().sum::<f64>() / n;
    let total: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    if k < 2.0 || n <= k || total <= 0.0 {
        return None;
    }
    let explained: f64 = sums
        .values()
        .map(|(sum, count)| count * (sum / count - mean).powi(2))
        .sum();
    let unexplained = 1.0 - explained / total;
    Some((1.0 - unexplained * (n - 1.0) / (n - k)).clamp(0.0, 1.0))
}

fn quarters(points: &[f64]) -> Vec<usize> {
    let n = points.len() as f64;
    let quarter = |rank: f64| (4.0 * (rank - 0.5) / n) as usize;
    ranks(points).into_iter().map(quarter).collect()
}

/// Ranks from 1, equal values sharing their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count() as f64;
        let equal = values.iter().filter(|other| *other == value).count() as f64;
        below + (equal + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.kruskal` of these groups gives H = 7.2 for n = 9; ε² = (H − k + 1)/(n − k).
    #[test]
    fn the_share_is_that_of_kruskal_and_wallis() {
        let groups = [0, 0, 0, 1, 1, 1, 2, 2, 2];
        let values = ranks(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        let expected = (7.2 - 3.0 + 1.0) / (9.0 - 3.0);
        assert!((between(&groups, &values).unwrap() - expected).abs() < 1e-12);
        assert_eq!(between(&[0; 9], &values), None);
    }

    #[test]
    fn equal_values_share_rank_and_quarter() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        // Between two quarters, both in the upper one.
        assert_eq!(quarters(&[5.0, 5.0, 1.0, 9.0]), [2, 2, 0, 3]);
    }
}
