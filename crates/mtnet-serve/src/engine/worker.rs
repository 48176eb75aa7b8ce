//! The thread that runs batches, and keeps one text's trouble from the others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mtnet_model::Replies;

use super::job::{Done, Job, Refusal};
use super::queue::Queue;
use crate::{Backend, Metrics};

/// What the thread works with.
pub(super) struct Worker {
    pub backend: Arc<dyn Backend>,
    pub queue: Arc<Queue>,
    pub metrics: Arc<Metrics>,
    /// Where the loops of the kernels run.
    pub pool: rayon::ThreadPool,
    pub max_batch_tokens: usize,
    pub max_batch_requests: usize,
    pub request_timeout: Duration,
}

impl Worker {
    /// Runs batches until the queue is closed and empty.
    pub fn run(&self) {
        while let Some(jobs) = self
            .queue
            .next_batch(self.max_batch_tokens, self.max_batch_requests)
        {
            let now = Instant::now();
            let mut batch = Vec::with_capacity(jobs.len());
            for job in jobs {
                if job.reply.is_closed() {
                    self.metrics.abandoned();
                } else if job.deadline <= now {
                    let _ = job.reply.send(Err(Refusal::Late(self.request_timeout)));
                } else {
                    self.metrics.queued(now - job.arrived);
                    batch.push(job);
                }
            }
            if !batch.is_empty() {
                let tokens = batch.iter().map(Job::tokens).sum();
                self.metrics.batch(batch.len(), tokens);
                self.answer(batch, now);
            }
        }
    }

    /// Answers jobs together. Where that fails, each half is tried for itself, so that in the end
    /// a text that cannot be answered stands alone.
    fn answer(&self, mut jobs: Vec<Job>, taken: Instant) {
        let start = Instant::now();
        match self.replies(&jobs) {
            Some(replies) => {
                let inference = start.elapsed();
                self.metrics.inference(inference, &replies);
                for (job, reply) in jobs.into_iter().zip(replies.replies) {
                    let done = Done {
                        reply,
                        tokens: job.tokens(),
                        is_cut: job.input.is_cut(),
                        queue: taken - job.arrived,
                        inference,
                    };
                    // Who asked may have gone.
                    let _ = job.reply.send(Ok(done));
                }
            }
            None if jobs.len() > 1 => {
                let second = jobs.split_off(jobs.len() / 2);
                self.answer(jobs, taken);
                self.answer(second, taken);
            }
            None => {
                for job in jobs {
                    let _ = job.reply.send(Err(Refusal::Failed));
                }
            }
        }
    }

    /// `None` if the model failed or panicked.
    #[allow(
        clippy::result_large_err,
        reason = "the errors of the predictor, as it gives them"
    )]
    fn replies(&self, jobs: &[Job]) -> Option<Replies> {
        let asked: Vec<_> = jobs
            .iter()
            .map(|job| (&job.input, job.ask.as_ref()))
            .collect();
        // What a panic leaves half done is either local to the pass or behind locks that forgive.
        let answered = catch_unwind(AssertUnwindSafe(|| {
            self.pool.install(|| self.backend.answer(&asked))
        }));
        match answered {
            Ok(Ok(replies)) if replies.replies.len() == jobs.len() => Some(replies),
            Ok(Ok(_)) => {
                tracing::error!(texts = jobs.len(), "the model left texts out");
                None
            }
            Ok(Err(error)) => {
                tracing::error!(texts = jobs.len(), %error, "the model failed");
                None
            }
            Err(_) => {
                tracing::error!(texts = jobs.len(), "the model panicked");
                self.metrics.panicked();
                None
            }
        }
    }
}
