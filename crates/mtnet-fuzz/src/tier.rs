//! How much of a test with numbers is run.

use std::time::Duration;

/// The tier, from the environment variable `MTNET_RELIABILITY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Not set: a sample that fits into `cargo test`.
    Sample,
    /// `quick`: what stands before every commit.
    Quick,
    /// `full`: what stands before a release.
    Full,
}

impl Tier {
    /// As the environment says.
    ///
    /// # Panics
    /// If the variable has another value: a misspelt tier must not pass as a small one.
    pub fn from_env() -> Self {
        match std::env::var("MTNET_RELIABILITY").as_deref() {
            Err(_) | Ok("") => Self::Sample,
            Ok("quick") => Self::Quick,
            Ok("full") => Self::Full,
            Ok(other) => panic!("MTNET_RELIABILITY is `{other}`, expected `quick` or `full`"),
        }
    }

    /// The count for this tier.
    pub fn pick<T>(self, sample: T, quick: T, full: T) -> T {
        match self {
            Self::Sample => sample,
            Self::Quick => quick,
            Self::Full => full,
        }
    }

    /// Processor time that a fuzz target gets; `MTNET_FUZZ_SECONDS` overrides the tier.
    pub fn fuzz_time(self) -> Duration {
        let seconds = std::env::var("MTNET_FUZZ_SECONDS");
        let seconds = seconds.ok().and_then(|seconds| seconds.parse().ok());
        Duration::from_secs(seconds.unwrap_or_else(|| self.pick(0, 2, 60)))
    }
}
