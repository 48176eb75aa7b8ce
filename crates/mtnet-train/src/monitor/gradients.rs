//! What gradients say: of all parameters together, and layer by layer.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::recent::Recent;
use super::{Look, MonitorConfig};

/// What is usual is at least this share of what it was at first.
const USUAL_SHARE: f64 = 0.1;

/// Steps over which clipping is counted.
const CLIP_STEPS: usize = 200;
/// Share of them that must be clipped hard.
const CLIP_SHARE: f64 = 0.9;
/// What clipping leaves of a gradient that it clips hard.
const HARD_CLIP: f64 = 0.1;
/// How much larger another layer's gradient is than one that has vanished.
const LIVELY: f64 = 1e3;
/// Looks in a row with dead units.
const DEAD_LOOKS: u32 = 3;

/// Norms of the whole gradient, and what was seen of layers and units.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct GradientTrack {
    norms: Recent,
    /// Whether each of the last steps was clipped hard.
    clipped: VecDeque<bool>,
    /// Steps since which a layer's gradient is next to nothing.
    vanished: BTreeMap<String, u64>,
    /// Looks in a row that saw most units of a map dead.
    dead: BTreeMap<String, u32>,
}

/// Something wrong with gradients.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum GradientFinding {
    Exploding {
        norm: f64,
        usual: f64,
    },
    ClippedHard {
        share: f64,
    },
    Vanishing {
        layer: String,
        size: f64,
        lively: (String, f64),
    },
    Dead {
        tensor: String,
        share: f64,
    },
}

impl GradientTrack {
    /// Takes in the norm of a step's gradient and what clipping left of it.
    pub fn take(
        &mut self,
        config: &MonitorConfig,
        norm: f64,
        scale: f64,
    ) -> Option<GradientFinding> {
        if self.clipped.len() == CLIP_STEPS {
            self.clipped.pop_front();
        }
        self.clipped.push_back(scale < HARD_CLIP);
        let usual = self.norms.usual(USUAL_SHARE);
        if let Some(usual) = usual.filter(|usual| norm > config.exploding_gradient * usual) {
            return Some(GradientFinding::Exploding { norm, usual });
        }
        self.norms.push(norm);
        let hard = self.clipped.iter().filter(|&&hard| hard).count();
        let share = hard as f64 / CLIP_STEPS as f64;
        (share > CLIP_SHARE).then_some(GradientFinding::ClippedHard { share })
    }

    /// Takes in a look at single tensors; `layer_of` names the layer of each.
    pub fn look(
        &mut self,
        config: &MonitorConfig,
        step: u64,
        looks: &[Look],
        layer_of: &dyn Fn(&str) -> String,
    ) -> Vec<GradientFinding> {
        let mut layers: BTreeMap<String, (f64, usize)> = BTreeMap::new();
        for look in looks.iter().filter(|look| look.reached > 0) {
            let (squares, reached) = layers.entry(layer_of(&look.name)).or_default();
            *squares += look.squares;
            *reached += look.reached;
        }
        let sizes: BTreeMap<String, f64> = layers
            .into_iter()
            .map(|(layer, (squares, reached))| (layer, (squares / reached as f64).sqrt()))
            .collect();
        let mut findings = self.vanishing(config, step, &sizes);
        for look in looks {
            let Some(share) = look.dead else { continue };
            let count = self.dead.entry(look.name.clone()).or_default();
            *count = if share > config.dead_units {
                *count + 1
            } else {
                0
            };
            if *count >= DEAD_LOOKS {
                *count = 0;
                findings.push(GradientFinding::Dead {
                    tensor: look.name.clone(),
                    share,
                });
            }
        }
        findings
    }

    fn vanishing(
        &mut self,
        config: &MonitorConfig,
        step: u64,
        sizes: &BTreeMap<String, f64>,
    ) -> Vec<GradientFinding> {
        let limit = config.vanishing_gradient;
        let largest = sizes.iter().max_by(|a, b| a.1.total_cmp(b.1));
        let lively = largest.filter(|(_, size)| **size > LIVELY * limit);
        let mut findings = Vec::new();
        for (layer, &size) in sizes {
            let Some((other, of_other)) = lively.filter(|_| size < limit) else {
                self.vanished.remove(layer);
                continue;
            };
            let since = *self.vanished.entry(layer.clone()).or_insert(step);
            if step >= since + config.patience_steps {
                findings.push(GradientFinding::Vanishing {
                    layer: layer.clone(),
                    size,
                    lively: (other.clone(), *of_other),
                });
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(name: &str, size: f64, dead: Option<f64>) -> Look {
        Look {
            name: name.to_owned(),
            squares: size * size * 10.0,
            reached: 10,
            dead,
            ratio: None,
        }
    }

    #[test]
    fn a_jump_of_the_norm_explodes_and_a_shrunken_one_may_come_back() {
        let config = MonitorConfig::default();
        let mut track = GradientTrack::default();
        for step in 0..60 {
            let norm = if step < 10 { 2.0 } else { 0.001 };
            assert_eq!(track.take(&config, norm, 1.0), None);
        }
        assert_eq!(track.take(&config, 10.0, 1.0), None);
        let found = track.take(&config, 30.0, 1.0);
        let usual = 0.2;
        assert_eq!(
            found,
            Some(GradientFinding::Exploding { norm: 30.0, usual })
        );
    }

    #[test]
    fn a_gradient_that_is_always_cut_to_a_tenth_is_told() {
        let config = MonitorConfig::default();
        let clipped = |scale| {
            let mut track = GradientTrack::default();
            (0..200)
                .filter_map(|_| track.take(&config, 1.0, scale))
                .count()
        };
        assert_eq!(clipped(0.2), 0);
        assert!(clipped(0.05) > 0);
    }

    #[test]
    fn a_layer_vanishes_while_another_lives() {
        let config = MonitorConfig::default();
        let layer = |name: &str| name.to_owned();
        let steps = |top: f64| {
            let mut track = GradientTrack::default();
            let looks = [look("low", 1e-9, None), look("top", top, None)];
            let all = (0..=20).step_by(5);
            all.flat_map(|step| track.look(&config, step, &looks, &layer))
                .collect::<Vec<_>>()
        };
        assert_eq!(steps(1e-6), [], "the whole gradient is small");
        assert!(matches!(
            &steps(1e-3)[..],
            [GradientFinding::Vanishing { layer, .. }] if layer == "low"
        ));
    }

    #[test]
    fn units_are_dead_after_three_looks() {
        let config = MonitorConfig::default();
        let layer = |name: &str| name.to_owned();
        let mut track = GradientTrack::default();
        let mut found = Vec::new();
        for (step, share) in [0.9, 0.9, 0.2, 0.9, 0.9, 0.9].into_iter().enumerate() {
            let looks = [look("a.bias", 1.0, Some(share))];
            found.extend(track.look(&config, step as u64, &looks, &layer));
        }
        let expected = GradientFinding::Dead {
            tensor: "a.bias".to_owned(),
            share: 0.9,
        };
        assert_eq!(found, [expected]);
    }
}
