//! Every number that the server keeps of itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mtnet_model::Replies;

use super::histogram::{COUNTS, Histogram, SECONDS};
use super::text::Text;

/// The numbers. Labels are routes and tasks, never anything that a request holds.
#[derive(Debug)]
pub struct Metrics {
    numbers: Mutex<Numbers>,
}

#[derive(Debug)]
struct Numbers {
    requests: BTreeMap<(String, u16), u64>,
    request_seconds: BTreeMap<String, Histogram>,
    tasks: BTreeMap<String, Histogram>,
    tokenization_seconds: Histogram,
    queue_seconds: Histogram,
    inference_seconds: Histogram,
    encoder_seconds: Histogram,
    batch_texts: Histogram,
    batch_tokens: Histogram,
    texts: u64,
    tokens: u64,
    abandoned: u64,
    panics: u64,
}

/// What is read off at the moment of asking.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gauges {
    pub queue_texts: usize,
    pub queue_tokens: usize,
    pub connections: usize,
    pub ready: bool,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            numbers: Mutex::new(Numbers {
                requests: BTreeMap::new(),
                request_seconds: BTreeMap::new(),
                tasks: BTreeMap::new(),
                tokenization_seconds: Histogram::new(SECONDS),
                queue_seconds: Histogram::new(SECONDS),
                inference_seconds: Histogram::new(SECONDS),
                encoder_seconds: Histogram::new(SECONDS),
                batch_texts: Histogram::new(COUNTS),
                batch_tokens: Histogram::new(COUNTS),
                texts: 0,
                tokens: 0,
                abandoned: 0,
                panics: 0,
            }),
        }
    }
}

impl Metrics {
    pub(crate) fn request(&self, route: &str, status: u16, time: Duration) {
        let mut numbers = self.lock();
        *numbers
            .requests
            .entry((route.to_owned(), status))
            .or_default() += 1;
        numbers
            .request_seconds
            .entry(route.to_owned())
            .or_insert_with(|| Histogram::new(SECONDS))
            .observe(time.as_secs_f64());
    }

    pub(crate) fn tokenized(&self, time: Duration) {
        self.lock().tokenization_seconds.observe(time.as_secs_f64());
    }

    pub(crate) fn queued(&self, time: Duration) {
        self.lock().queue_seconds.observe(time.as_secs_f64());
    }

    pub(crate) fn batch(&self, texts: usize, tokens: usize) {
        let mut numbers = self.lock();
        numbers.batch_texts.observe(texts as f64);
        numbers.batch_tokens.observe(tokens as f64);
        numbers.texts += texts as u64;
        numbers.tokens += tokens as u64;
    }

    pub(crate) fn inference(&self, time: Duration, replies: &Replies) {
        let mut numbers = self.lock();
        numbers.inference_seconds.observe(time.as_secs_f64());
        numbers
            .encoder_seconds
            .observe(replies.encoder.as_secs_f64());
        for (task, time) in &replies.heads {
            numbers
                .tasks
                .entry(task.to_string())
                .or_insert_with(|| Histogram::new(SECONDS))
                .observe(time.as_secs_f64());
        }
    }

    pub(crate) fn abandoned(&self) {
        self.lock().abandoned += 1;
    }

    pub(crate) fn panicked(&self) {
        self.lock().panics += 1;
    }

    /// All numbers as Prometheus reads them.
    pub(crate) fn text(&self, gauges: Gauges) -> String {
        let numbers = self.lock();
        let mut text = Text::default();
        text.counter("mtnet_requests_total", "Requests by route and status.");
        for ((route, status), count) in &numbers.requests {
            let status = status.to_string();
            let labels = [("route", route.as_str()), ("status", &status)];
            text.sample("mtnet_requests_total", &labels, *count as f64);
        }
        text.help(
            "mtnet_request_duration_seconds",
            "From head to answer.",
            "histogram",
        );
        for (route, histogram) in &numbers.request_seconds {
            let labels = [("route", route.as_str())];
            text.histogram("mtnet_request_duration_seconds", &labels, histogram);
        }
        for (name, help, histogram) in [
            (
                "mtnet_tokenization_duration_seconds",
                "Tokenising a request's texts, waiting for a worker included.",
                &numbers.tokenization_seconds,
            ),
            (
                "mtnet_queue_duration_seconds",
                "A text's time in the queue.",
                &numbers.queue_seconds,
            ),
            (
                "mtnet_inference_duration_seconds",
                "A batch's time in the model.",
                &numbers.inference_seconds,
            ),
            (
                "mtnet_encoder_duration_seconds",
                "A batch's time in the encoder.",
                &numbers.encoder_seconds,
            ),
            (
                "mtnet_batch_texts",
                "Texts of a batch.",
                &numbers.batch_texts,
            ),
            (
                "mtnet_batch_tokens",
                "Tokens of a batch.",
                &numbers.batch_tokens,
            ),
        ] {
            text.help(name, help, "histogram");
            text.histogram(name, &[], histogram);
        }
        text.help(
            "mtnet_task_duration_seconds",
            "A batch's time in a task's head.",
            "histogram",
        );
        for (task, histogram) in &numbers.tasks {
            text.histogram(
                "mtnet_task_duration_seconds",
                &[("task", task.as_str())],
                histogram,
            );
        }
        for (name, help, count) in [
            (
                "mtnet_texts_total",
                "Texts that came to the model.",
                numbers.texts,
            ),
            (
                "mtnet_tokens_total",
                "Tokens that came to the model.",
                numbers.tokens,
            ),
            (
                "mtnet_abandoned_texts_total",
                "Texts dropped from the queue because who asked had gone.",
                numbers.abandoned,
            ),
            (
                "mtnet_panics_total",
                "Panics that were caught.",
                numbers.panics,
            ),
        ] {
            text.counter(name, help);
            text.sample(name, &[], count as f64);
        }
        for (name, help, value) in [
            (
                "mtnet_queue_texts",
                "Texts in the queue.",
                gauges.queue_texts,
            ),
            (
                "mtnet_queue_tokens",
                "Tokens in the queue.",
                gauges.queue_tokens,
            ),
            ("mtnet_connections", "Open connections.", gauges.connections),
            (
                "mtnet_ready",
                "1 while requests are taken, 0 while stopping.",
                usize::from(gauges.ready),
            ),
        ] {
            text.help(name, help, "gauge");
            text.sample(name, &[], value as f64);
        }
        text.finish()
    }

    fn lock(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
