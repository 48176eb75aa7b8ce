//! What a curve is drawn over.

use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;
use std::str::FromStr;

use mtnet_metrics::Bootstrap;

use crate::{ExtendError, TrainOnly};

/// How many training examples a point of a curve has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// So many.
    Examples(usize),
    /// As many as there are, or as the run file draws.
    All,
}

/// How curves are made.
#[derive(Clone, Debug)]
pub struct FewShotOptions {
    /// Folder of the trained model.
    pub model: PathBuf,
    /// Folder of what comes out: `runs/`, `few-shot.json` and `few-shot.md`.
    pub output: PathBuf,
    /// The sizes.
    pub sizes: Vec<Size>,
    /// Seeds of each point: that of the run file and the ones after it.
    pub seeds: usize,
    /// The plain encoder, a folder or a hub name; by default what the model's own run started from.
    pub against: Option<String>,
    /// What is trained, on both sides. Default everything.
    pub train_only: TrainOnly,
    /// Optimizer steps of a run at least: with few examples, epochs alone would be over at once.
    pub min_steps: u64,
    /// Runs that go side by side; all cores where not given.
    pub jobs: Option<NonZero<usize>>,
    /// How intervals are made.
    pub bootstrap: Bootstrap,
}

impl FewShotOptions {
    /// 8, 16, 64, 256 and all examples, three seeds, at least 100 steps.
    pub fn new(model: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        let mut sizes: Vec<Size> = [8, 16, 64, 256].map(Size::Examples).into();
        sizes.push(Size::All);
        Self {
            model: model.into(),
            output: output.into(),
            sizes,
            seeds: 3,
            against: None,
            train_only: TrainOnly::All,
            min_steps: 100,
            jobs: None,
            bootstrap: Bootstrap::default(),
        }
    }
}

impl FromStr for Size {
    type Err = ExtendError;

    fn from_str(written: &str) -> Result<Self, ExtendError> {
        match (written.trim(), written.trim().parse()) {
            ("all", _) => Ok(Self::All),
            (_, Ok(examples)) if examples > 0 => Ok(Self::Examples(examples)),
            _ => Err(ExtendError::Size {
                found: written.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Examples(examples) => write!(f, "{examples}"),
            Self::All => f.write_str("all"),
        }
    }
}
