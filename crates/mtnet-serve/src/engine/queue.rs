//! The bounded queue between requests and the thread that runs them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::job::Job;

/// Jobs in the order they came, bounded by their tokens.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    max_tokens: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    tokens: usize,
    closed: bool,
}

/// Why jobs were not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    Full,
    Closed,
}

impl Queue {
    pub fn new(max_tokens: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            max_tokens,
        }
    }

    /// Takes all of a request's jobs or none.
    pub fn push(&self, jobs: Vec<Job>) -> Result<(), NotTaken> {
        let tokens: usize = jobs.iter().map(Job::tokens).sum();
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(NotTaken::Closed);
        }
        if waiting.tokens.saturating_add(tokens) > self.max_tokens {
            return Err(NotTaken::Full);
        }
        waiting.tokens += tokens;
        waiting.jobs.extend(jobs);
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// The next batch: waits for a job, then takes those that are there and fit, the first even if
    /// it does not. `None` once the queue is closed and empty.
    pub fn next_batch(&self, max_tokens: usize, max_jobs: usize) -> Option<Vec<Job>> {
        let mut waiting = self.lock();
        while waiting.jobs.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let mut batch = Vec::new();
        let mut tokens = 0;
        while let Some(next) = waiting.jobs.front() {
            let length = next.tokens();
            if !batch.is_empty() && (tokens + length > max_tokens || batch.len() >= max_jobs) {
                break;
            }
            tokens += length;
            batch.extend(waiting.jobs.pop_front());
        }
        waiting.tokens -= tokens;
        Some(batch)
    }

    /// Jobs and tokens that wait.
    pub fn size(&self) -> (usize, usize) {
        let waiting = self.lock();
        (waiting.jobs.len(), waiting.tokens)
    }

    /// Takes no more jobs; what waits is still given out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
