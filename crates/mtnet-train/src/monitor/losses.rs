//! What the losses of a task say.

use serde::{Deserialize, Serialize};

use super::MonitorConfig;
use super::recent::Recent;

/// Mean over so many of the last losses is "now".
const NOW: usize = 20;

/// What is usual is at least this share of what it was at first: a loss of few examples a step counts
/// as a spike, five times what is usual, when it is back above where it began.
const USUAL_SHARE: f64 = 0.2;

/// The losses of one task, one a step that it was in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LossTrack {
    losses: Recent,
    /// Sum and number of the losses since the last evaluation.
    since_evaluation: (f64, u64),
    /// Spikes in a row.
    spikes: u32,
    /// Steps behind the warm-up.
    settled: u64,
}

/// Something wrong with a task's losses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum LossFinding {
    /// The loss and what is usual.
    Spike { loss: f64, usual: f64 },
    /// Means at first and now.
    NoLearning { first: f64, now: f64 },
}

impl LossTrack {
    /// Takes in the loss of a step.
    pub fn take(&mut self, config: &MonitorConfig, loss: f64, warm: bool) -> Option<LossFinding> {
        let usual = self.losses.usual(USUAL_SHARE);
        self.since_evaluation.0 += loss;
        self.since_evaluation.1 += 1;
        self.settled += u64::from(warm);
        if let Some(usual) = usual.filter(|usual| loss > config.loss_spike * usual) {
            self.spikes += 1;
            if self.spikes >= config.loss_spike_steps {
                self.spikes = 0;
                return Some(LossFinding::Spike { loss, usual });
            }
            // A spike is no part of what is usual.
            return None;
        }
        self.spikes = 0;
        self.losses.push(loss);
        if config.no_learning_steps > 0 && warm && self.settled == config.no_learning_steps {
            let (first, now) = self.losses.first_mean().zip(self.losses.last_mean(NOW))?;
            if now > 0.99 * first && first > 0.0 {
                return Some(LossFinding::NoLearning { first, now });
            }
        }
        None
    }

    /// Mean of the first losses.
    pub fn first_mean(&self) -> Option<f64> {
        self.losses.first_mean()
    }

    /// Losses that were taken in.
    pub fn count(&self) -> u64 {
        self.losses.count()
    }

    /// Mean loss since the last call.
    pub fn take_mean(&mut self) -> Option<f64> {
        let (sum, count) = std::mem::take(&mut self.since_evaluation);
        (count > 0).then(|| sum / count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(losses: impl IntoIterator<Item = f64>) -> Vec<(usize, LossFinding)> {
        let mut track = LossTrack::default();
        let config = MonitorConfig::default();
        let losses = losses.into_iter().enumerate();
        losses
            .filter_map(|(step, loss)| Some((step, track.take(&config, loss, true)?)))
            .collect()
    }

    #[test]
    fn three_high_losses_in_a_row_are_a_spike() {
        let at = |high: &[usize]| {
            let high = high.to_vec();
            findings((0..35).map(move |step| if high.contains(&step) { 6.0 } else { 1.0 }))
        };
        assert_eq!(at(&[20, 21, 24, 26]), []);
        let spike = LossFinding::Spike {
            loss: 6.0,
            usual: 1.0,
        };
        assert_eq!(at(&[20, 21, 22]), [(22, spike)]);
    }

    #[test]
    fn a_converged_loss_that_jumps_is_none() {
        let losses = (0..200).map(|step| match step {
            0..10 => 1.0,
            150..160 => 0.4,
            _ => 1e-3,
        });
        assert_eq!(findings(losses), []);
    }

    #[test]
    fn a_loss_that_stays_is_told_once() {
        let same = findings((0..200).map(|step| 0.7 + 0.01 * f64::from(step % 3)));
        assert_eq!(same.len(), 1, "{same:?}");
        assert!(matches!(same[0], (39, LossFinding::NoLearning { .. })));
        assert_eq!(
            findings((0..200).map(|step| 0.7 - 0.001 * f64::from(step))),
            []
        );
    }
}
