//! What updates say: their size beside the weights, and whether all that is trained moves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Look, MonitorConfig};

/// How far above the lasting limit one update alone is too large.
const AT_ONCE: f64 = 10.0;

/// What was seen of updates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct WeightTrack {
    /// Steps since which a tensor's updates are too small, or too large.
    small: BTreeMap<String, u64>,
    large: BTreeMap<String, u64>,
    /// Bits of every tensor when they were last looked at.
    fingerprints: BTreeMap<String, u64>,
}

/// The tensor whose updates fit least, and how many others do not fit either.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RatioFinding {
    pub tensor: String,
    pub ratio: f64,
    pub others: usize,
    pub too_large: bool,
}

impl WeightTrack {
    /// Takes in a look; `factor` is the schedule's, by which a small ratio is judged.
    pub fn look(
        &mut self,
        config: &MonitorConfig,
        step: u64,
        looks: &[Look],
        factor: f64,
    ) -> Vec<RatioFinding> {
        let (mut small, mut large) = (Vec::new(), Vec::new());
        for look in looks {
            let Some(ratio) = look.ratio else { continue };
            let at_peak = ratio / factor.max(f64::MIN_POSITIVE);
            if lasts(
                &mut self.small,
                &look.name,
                step,
                config,
                factor > 0.0 && at_peak < config.update_ratio_low,
            ) {
                small.push((at_peak, &look.name));
            }
            let limit = config.update_ratio_high;
            let is_large = lasts(&mut self.large, &look.name, step, config, ratio > limit);
            if is_large || ratio > AT_ONCE * limit {
                large.push((ratio, &look.name));
            }
        }
        let finding = |found: Vec<(f64, &String)>, too_large| {
            let order = |a: &&(f64, &String), b: &&(f64, &String)| a.0.total_cmp(&b.0);
            let worst = match too_large {
                true => found.iter().max_by(order),
                false => found.iter().min_by(order),
            };
            worst.map(|&(ratio, tensor)| RatioFinding {
                tensor: tensor.clone(),
                ratio,
                others: found.len() - 1,
                too_large,
            })
        };
        let findings = [finding(small, false), finding(large, true)];
        findings.into_iter().flatten().collect()
    }

    /// Compares the bits of all tensors with those of the last call; gives the names of those that
    /// are the same.
    pub fn unchanged(&mut self, now: BTreeMap<String, u64>) -> Vec<String> {
        let before = std::mem::replace(&mut self.fingerprints, now);
        let same = self
            .fingerprints
            .iter()
            .filter(|(name, bits)| before.get(*name) == Some(bits));
        same.map(|(name, _)| name.clone()).collect()
    }
}

/// Notes whether something holds of a tensor; whether it has for long.
fn lasts(
    since: &mut BTreeMap<String, u64>,
    name: &str,
    step: u64,
    config: &MonitorConfig,
    holds: bool,
) -> bool {
    if !holds {
        since.remove(name);
        return false;
    }
    let first = *since.entry(name.to_owned()).or_insert(step);
    step >= first + config.patience_steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(ratio: f64, factor: f64) -> Vec<(u64, RatioFinding)> {
        let config = MonitorConfig::default();
        let mut track = WeightTrack::default();
        let looks = ["a", "b"].map(|name| Look {
            name: name.to_owned(),
            ratio: Some(ratio),
            ..Look::default()
        });
        let all = (0..=20).step_by(5);
        all.flat_map(|step| {
            let found = track.look(&config, step, &looks, factor);
            found.into_iter().map(move |finding| (step, finding))
        })
        .collect()
    }

    #[test]
    fn odd_updates_are_told_when_they_last_and_huge_ones_at_once() {
        assert_eq!(findings(1e-3, 1.0), []);
        assert_eq!(findings(2e-7, 0.1), [], "at the peak it would be 2e-6");
        let small = findings(2e-7, 1.0);
        assert!(matches!(&small[..], [(20, found)] if !found.too_large && found.others == 1));
        let large = findings(0.5, 1.0);
        assert!(matches!(&large[..], [(20, found)] if found.too_large));
        assert_eq!(findings(2.0, 1.0).len(), 5);
    }

    #[test]
    fn the_same_bits_are_unchanged() {
        let bits = |pairs: &[(&str, u64)]| {
            let owned = pairs.iter().map(|&(name, bits)| (name.to_owned(), bits));
            owned.collect::<BTreeMap<_, _>>()
        };
        let mut track = WeightTrack::default();
        assert!(track.unchanged(bits(&[("a", 1), ("b", 2)])).is_empty());
        assert_eq!(track.unchanged(bits(&[("a", 1), ("b", 3)])), ["a"]);
    }
}
