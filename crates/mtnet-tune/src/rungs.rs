//! Successive halving: how long trials train, and how many go on.
//!
//! With `R` rungs and reduction `η`, a trial trains `E / η^(R−1−r)` epochs until rung `r`, rounded to
//! whole ones, and `max(1, ⌊n / η^r⌋)` of `n` trials reach it (Karnin, Koren and Somekh 2013,
//! "Almost Optimal Exploration in Multi-Armed Bandits", §3, in the form of Jamieson and Talwalkar
//! 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", §2). All trials of
//! a rung are scored before any goes on.

/// The lengths that trials are ranked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Rungs {
    /// Epochs at which each rung but the last ends, rising.
    pauses: Vec<u32>,
    reduction: usize,
}

impl Rungs {
    /// One rung: every trial trains to its end.
    pub fn one() -> Self {
        Self {
            pauses: Vec::new(),
            reduction: 1,
        }
    }

    /// `rungs` lengths that end with `epochs`, each `reduction` times the one before.
    ///
    /// # Errors
    /// In words, if there are fewer than two of either, or `epochs` do not suffice.
    pub fn new(rungs: usize, reduction: usize, epochs: f64) -> Result<Self, String> {
        if rungs < 2 {
            return Err(format!("`rungs` is {rungs}, expected at least 2"));
        }
        if reduction < 2 {
            return Err(format!("`reduction` is {reduction}, expected at least 2"));
        }
        let length = |left: usize| epochs / (reduction as f64).powi(left as i32);
        let pauses: Vec<u32> = (1..rungs).rev().map(|n| length(n).round() as u32).collect();
        let rises = pauses.windows(2).all(|pair| pair[0] < pair[1]);
        let last = pauses.last().is_none_or(|&last| f64::from(last) < epochs);
        if !(pauses[0] >= 1 && rises && last) {
            return Err(format!(
                "{rungs} rungs with a reduction of {reduction} need about {} epochs, `train.epochs` \
                 is {epochs}; raise it, or lower `rungs` or `reduction`",
                (reduction as f64).powi(rungs as i32 - 1)
            ));
        }
        Ok(Self { pauses, reduction })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.pauses.len() + 1
    }

    /// Epochs at which a rung ends, `None` for the last, which trains to the end.
    pub fn pause(&self, rung: usize) -> Option<u32> {
        self.pauses.get(rung).copied()
    }

    /// How many of `trials` reach a rung.
    pub fn survivors(&self, trials: usize, rung: usize) -> usize {
        (trials / self.reduction.pow(rung as u32)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_rise_by_the_reduction_and_trials_fall_by_it() {
        let rungs = Rungs::new(3, 3, 9.0).unwrap();
        let pauses: Vec<_> = (0..3).map(|rung| rungs.pause(rung)).collect();
        assert_eq!(pauses, [Some(1), Some(3), None]);
        let left: Vec<_> = (0..3).map(|rung| rungs.survivors(20, rung)).collect();
        assert_eq!(left, [20, 6, 2]);
        assert_eq!(rungs.survivors(2, 2), 1);
        assert_eq!((Rungs::one().count(), Rungs::one().pause(0)), (1, None));
    }

    #[test]
    fn too_few_epochs_are_refused_with_what_would_do() {
        let message = Rungs::new(3, 3, 4.0).unwrap_err();
        assert!(message.contains("about 9 epochs"), "{message}");
        assert!(Rungs::new(1, 3, 9.0).unwrap_err().contains("`rungs` is 1"));
        assert!(Rungs::new(2, 1, 9.0).unwrap_err().contains("`reduction`"));
    }
}
