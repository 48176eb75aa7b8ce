//! Headers that say what an answer took, as text-embeddings-inference names them. Times are
//! milliseconds, with a fraction: a small model needs less than one.

use std::time::{Duration, Instant};

use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::app::App;
use crate::engine::Answered;

/// What an answer took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compute {
    start: Instant,
    characters: usize,
    tokens: usize,
    is_cut: bool,
    tokenization: Duration,
    queue: Duration,
    inference: Duration,
}

impl Compute {
    pub fn new(start: Instant, characters: usize, answered: &Answered) -> Self {
        let longest = |time: fn(&crate::Done) -> Duration| {
            answered.done.iter().map(time).max().unwrap_or_default()
        };
        Self {
            start,
            characters,
            tokens: answered.done.iter().map(|done| done.tokens).sum(),
            is_cut: answered.done.iter().any(|done| done.is_cut),
            tokenization: answered.tokenization,
            queue: longest(|done| done.queue),
            inference: longest(|done| done.inference),
        }
    }

    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// Puts the headers on an answer.
    pub fn on(&self, app: &App, body: impl IntoResponse) -> Response {
        let mut response = body.into_response();
        let compute = self.tokenization + self.inference;
        let mut set = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        };
        let milliseconds = |time: Duration| format!("{:.3}", 1e3 * time.as_secs_f64());
        set("x-compute-type", "cpu".to_owned());
        set("x-compute-characters", self.characters.to_string());
        set("x-compute-tokens", self.tokens.to_string());
        set("x-compute-time", milliseconds(compute));
        set("x-tokenization-time", milliseconds(self.tokenization));
        set("x-queue-time", milliseconds(self.queue));
        set("x-inference-time", milliseconds(self.inference));
        set("x-total-time", milliseconds(self.start.elapsed()));
        if self.is_cut {
            set("x-truncated", "true".to_owned());
        }
        if let Some(sha) = &app.settings.model_sha {
            set("x-model-sha", sha.clone());
        }
        response
    }
}
