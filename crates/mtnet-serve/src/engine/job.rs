//! One text on its way through the engine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mtnet_model::{Ask, PreparedInput, Reply};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// A text that waits for a batch.
#[derive(Debug)]
pub(super) struct Job {
    pub input: PreparedInput,
    pub ask: Arc<Ask>,
    pub arrived: Instant,
    pub deadline: Instant,
    pub reply: oneshot::Sender<Result<Done, Refusal>>,
    /// Held until the text is answered: what [`max_concurrent_requests`] counts.
    ///
    /// [`max_concurrent_requests`]: crate::Settings::max_concurrent_requests
    pub _permit: Arc<OwnedSemaphorePermit>,
}

impl Job {
    pub fn tokens(&self) -> usize {
        self.input.tokens()
    }
}

/// What became of a text.
#[derive(Debug)]
pub struct Done {
    /// What the model says.
    pub reply: Reply,
    /// Tokens that were read.
    pub tokens: usize,
    /// Whether the text was longer than the model reads at once.
    pub is_cut: bool,
    /// Time in the queue.
    pub queue: Duration,
    /// Time of its batch.
    pub inference: Duration,
}

/// Why a text was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There are too many already.
    #[error("the server holds as many texts as it may; try again later")]
    Overloaded,
    /// A request that no queue of this size could take.
    #[error(
        "the request has {tokens} tokens, expected at most {limit}; split it into several requests"
    )]
    TooLarge {
        /// Its tokens.
        tokens: usize,
        /// The most that may wait.
        limit: usize,
    },
    /// A text is too long and must not be cut.
    #[error(
        "input {input} has {tokens} tokens, expected at most {limit}; shorten it, or leave `truncate` away"
    )]
    TooLong {
        /// Index of the text.
        input: usize,
        /// Its tokens.
        tokens: usize,
        /// What the model reads at once.
        limit: usize,
    },
    /// The tokenizer failed on a text.
    #[error("input {input}: {reason}")]
    Tokenizer {
        /// Index of the text.
        input: usize,
        /// What it said.
        reason: String,
    },
    /// It took too long.
    #[error("not answered within {0:?}; try again later, or with fewer texts")]
    Late(Duration),
    /// The model failed on this text; what it said is in the log.
    #[error("the model failed on this input")]
    Failed,
    /// The server is on its way out.
    #[error("the server is stopping")]
    Stopping,
}
