//! Whether a forward pass trains, as an argument: never a hidden flag.

use mtnet_core::RandomStream;

use crate::Dropout;

/// How a forward pass runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// For answers: no dropout.
    Eval,
    /// For a training step: dropout draws come from this stream.
    Train(RandomStream),
}

impl Mode {
    /// The mode for the part of that name; its draws differ from those of every other part.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        match self {
            Self::Eval => Self::Eval,
            Self::Train(stream) => Self::Train(stream.child(name)),
        }
    }

    /// The mode for the part of that number (a layer).
    #[must_use]
    pub fn at(&self, index: u64) -> Self {
        match self {
            Self::Eval => Self::Eval,
            Self::Train(stream) => Self::Train(stream.at(index)),
        }
    }

    /// Dropout with this probability in `[0, 1)`: none outside training.
    pub fn dropout(&self, probability: f64) -> Dropout {
        match self {
            Self::Eval => Dropout::none(),
            Self::Train(stream) => Dropout::new(probability, *stream),
        }
    }

    /// Whether something that is left out with this probability is left out now: never outside
    /// training.
    pub fn leaves_out(&self, probability: f64) -> bool {
        match self {
            Self::Eval => false,
            Self::Train(stream) => {
                let mut stream = stream.child("leave-out");
                probability > 0.0 && stream.uniform_f64() < probability
            }
        }
    }

    /// Whether this is a training step.
    pub fn is_train(&self) -> bool {
        matches!(self, Self::Train(_))
    }
}
