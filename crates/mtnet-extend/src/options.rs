//! How a model is extended.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use mtnet_encoders::EncoderConfig;
use mtnet_metrics::Bootstrap;
use serde::{Deserialize, Serialize};

use crate::ExtendError;

/// What of the encoder is trained beside the heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TrainOnly {
    /// Nothing: old tasks answer as before, bit for bit.
    Head,
    /// So many of its top layers.
    Top(usize),
    /// Everything.
    All,
}

/// How a model is extended.
#[derive(Clone, Debug)]
pub struct ExtendOptions {
    /// Folder of the trained model.
    pub model: PathBuf,
    /// Folder of what comes out: `model/`, `training/`, `extend.json` and `extend.md`.
    pub output: PathBuf,
    /// What is trained. By default everything where all old tasks have training data to replay, and
    /// else the heads of the new tasks alone.
    pub train_only: Option<TrainOnly>,
    /// Share of the old tasks' training examples that is replayed, from 0 to 1. Default
    /// [`DEFAULT_REPLAY`] where there is training data and the encoder is trained.
    pub replay: Option<f64>,
    /// How intervals are made.
    pub bootstrap: Bootstrap,
}

/// Share of the old tasks' examples that is replayed where nothing else is said.
pub const DEFAULT_REPLAY: f64 = 0.25;

impl ExtendOptions {
    /// Every option at its default.
    pub fn new(model: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        Self {
            model: model.into(),
            output: output.into(),
            train_only: None,
            replay: None,
            bootstrap: Bootstrap::default(),
        }
    }
}

impl TrainOnly {
    /// Writes it into the settings of an encoder of so many layers.
    ///
    /// # Errors
    /// If there are not so many layers.
    pub(crate) fn apply(
        self,
        encoder: &mut EncoderConfig,
        layers: usize,
    ) -> Result<(), ExtendError> {
        (encoder.freeze, encoder.freeze_layers) = match self {
            Self::Head => (true, None),
            Self::Top(top) if top >= 1 && top <= layers => (false, Some(layers - top)),
            Self::Top(found) => return Err(ExtendError::Layers { found, layers }),
            Self::All => (false, None),
        };
        Ok(())
    }
}

impl fmt::Display for TrainOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("head"),
            Self::Top(layers) => write!(f, "top:{layers}"),
            Self::All => f.write_str("all"),
        }
    }
}

impl FromStr for TrainOnly {
    type Err = ExtendError;

    fn from_str(written: &str) -> Result<Self, ExtendError> {
        let layers = written.strip_prefix("top:").map(str::parse);
        match (written, layers) {
            ("head", _) => Ok(Self::Head),
            ("all", _) => Ok(Self::All),
            (_, Some(Ok(layers))) if layers > 0 => Ok(Self::Top(layers)),
            _ => Err(ExtendError::TrainOnly {
                found: written.to_owned(),
            }),
        }
    }
}

impl TryFrom<String> for TrainOnly {
    type Error = ExtendError;

    fn try_from(written: String) -> Result<Self, ExtendError> {
        written.parse()
    }
}

impl From<TrainOnly> for String {
    fn from(train_only: TrainOnly) -> Self {
        train_only.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_frozen() {
        let frozen = |written: &str, layers| {
            let mut encoder = EncoderConfig::default();
            let train_only: TrainOnly = written.parse()?;
            assert_eq!(train_only.to_string(), written);
            train_only.apply(&mut encoder, layers)?;
            Ok::<_, ExtendError>((encoder.freeze, encoder.freeze_layers))
        };
        assert_eq!(frozen("head", 6).unwrap(), (true, None));
        assert_eq!(frozen("top:2", 6).unwrap(), (false, Some(4)));
        assert_eq!(frozen("top:6", 6).unwrap(), (false, Some(0)));
        assert_eq!(frozen("all", 6).unwrap(), (false, None));
        let message = frozen("top:7", 6).unwrap_err().to_string();
        assert!(message.contains("top:6"), "{message}");
        for wrong in ["top:0", "top", "body", ""] {
            let message = frozen(wrong, 6).unwrap_err().to_string();
            assert!(message.contains("`head`, `top:N` or `all`"), "{message}");
        }
    }
}
