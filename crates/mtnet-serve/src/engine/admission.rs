//! The engine as requests see it: they are let in or refused at once, tokenised, queued, awaited.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mtnet_model::{Ask, PredictInput, PreparedInput};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout_at;

use super::job::{Done, Job, Refusal};
use super::queue::{NotTaken, Queue};
use super::worker::Worker;
use crate::{Backend, Metrics, ServeError, Settings};

/// A model with its queue and its thread.
pub struct Engine {
    backend: Arc<dyn Backend>,
    queue: Arc<Queue>,
    metrics: Arc<Metrics>,
    /// Texts that may be here at once.
    texts: Arc<Semaphore>,
    /// Texts that may be tokenised at once.
    tokenizers: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
    max_texts: usize,
    max_batch_tokens: usize,
    max_queue_tokens: usize,
    request_timeout: Duration,
}

/// Answers of a request, with the time that its tokens took.
#[derive(Debug)]
pub(crate) struct Answered {
    pub done: Vec<Done>,
    pub tokenization: Duration,
}

impl Engine {
    /// Starts the thread that runs batches.
    ///
    /// # Errors
    /// If a setting is out of range, or threads cannot be started.
    pub fn start(
        backend: Arc<dyn Backend>,
        settings: &Settings,
        metrics: Arc<Metrics>,
    ) -> Result<Self, ServeError> {
        settings.check()?;
        let queue = Arc::new(Queue::new(settings.max_queue_tokens));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(settings.inference_threads)
            .thread_name(|index| format!("mtnet-infer-{index}"))
            .build()?;
        let worker = Worker {
            backend: Arc::clone(&backend),
            queue: Arc::clone(&queue),
            metrics: Arc::clone(&metrics),
            pool,
            max_batch_tokens: settings.max_batch_tokens,
            max_batch_requests: settings.max_batch_requests.unwrap_or(usize::MAX),
            request_timeout: settings.request_timeout,
        };
        let thread = std::thread::Builder::new()
            .name("mtnet-batches".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self {
            backend,
            queue,
            metrics,
            texts: Arc::new(Semaphore::new(settings.max_concurrent_requests)),
            tokenizers: Arc::new(Semaphore::new(settings.tokenization_workers)),
            thread: Mutex::new(Some(thread)),
            max_texts: settings.max_concurrent_requests,
            max_batch_tokens: settings.max_batch_tokens,
            max_queue_tokens: settings.max_queue_tokens,
            request_timeout: settings.request_timeout,
        })
    }

    /// The model.
    pub fn backend(&self) -> &dyn Backend {
        self.backend.as_ref()
    }

    /// Whether the thread that runs batches is there.
    pub fn is_alive(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Texts and tokens that wait for a batch.
    pub fn waiting(&self) -> (usize, usize) {
        self.queue.size()
    }

    /// Answers the texts of a request, all or none of them.
    ///
    /// # Errors
    /// If they are refused, or one of them fails.
    pub async fn answer(
        &self,
        inputs: Vec<PredictInput>,
        ask: Ask,
        truncate: bool,
    ) -> Result<Vec<Done>, Refusal> {
        let answered = self.answer_from(inputs, ask, truncate).await?;
        Ok(answered.done)
    }

    /// The same where making the inputs is work as well: it is done beside the tokenising.
    pub(crate) async fn answer_from<F>(
        &self,
        inputs: F,
        ask: Ask,
        truncate: bool,
    ) -> Result<Answered, Refusal>
    where
        F: MakesInputs,
    {
        let arrived = Instant::now();
        let deadline = arrived + self.request_timeout;
        let permit = self.admit(inputs.len())?;
        let late = |_| Refusal::Late(self.request_timeout);
        let mut prepared = timeout_at(deadline.into(), self.prepare_all(inputs))
            .await
            .map_err(late)??;
        let tokenization = arrived.elapsed();
        self.metrics.tokenized(tokenization);
        for (index, input) in prepared.iter_mut().enumerate() {
            self.fit(index, input, truncate)?;
        }
        let ask = Arc::new(ask);
        let queued = Instant::now();
        let (jobs, replies): (Vec<_>, Vec<_>) = prepared
            .into_iter()
            .map(|input| {
                let (reply, received) = oneshot::channel();
                let job = Job {
                    input,
                    ask: Arc::clone(&ask),
                    arrived: queued,
                    deadline,
                    reply,
                    _permit: Arc::clone(&permit),
                };
                (job, received)
            })
            .unzip();
        drop(permit);
        let tokens: usize = jobs.iter().map(Job::tokens).sum();
        if tokens > self.max_queue_tokens {
            let limit = self.max_queue_tokens;
            return Err(Refusal::TooLarge { tokens, limit });
        }
        self.queue.push(jobs).map_err(|reason| match reason {
            NotTaken::Full => Refusal::Overloaded,
            NotTaken::Closed => Refusal::Stopping,
        })?;
        let mut done = Vec::with_capacity(replies.len());
        for reply in replies {
            let reply = timeout_at(deadline.into(), reply).await.map_err(late)?;
            // A sender that is gone without a word went with the thread.
            done.push(reply.map_err(|_| Refusal::Failed)??);
        }
        Ok(Answered { done, tokenization })
    }

    /// Tokenises the texts of a request.
    ///
    /// # Errors
    /// If they are refused, or one of them fails.
    pub(crate) async fn tokenize<F>(&self, inputs: F) -> Result<Vec<PreparedInput>, Refusal>
    where
        F: MakesInputs,
    {
        let _permit = self.admit(inputs.len())?;
        let deadline = Instant::now() + self.request_timeout;
        timeout_at(deadline.into(), self.prepare_all(inputs))
            .await
            .map_err(|_| Refusal::Late(self.request_timeout))?
    }

    /// Takes no more requests, ends what waits, and ends the thread. Blocks until it is done.
    pub fn stop(&self) {
        self.queue.close();
        let thread = {
            let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
            thread.take()
        };
        if let Some(thread) = thread {
            // Its panics are caught inside; one that is not has nobody left to hurt.
            let _ = thread.join();
        }
    }

    fn admit(&self, texts: usize) -> Result<Arc<OwnedSemaphorePermit>, Refusal> {
        let wanted = u32::try_from(texts.min(self.max_texts)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.texts).try_acquire_many_owned(wanted);
        permit.map(Arc::new).map_err(|_| Refusal::Overloaded)
    }

    async fn prepare_all<F>(&self, inputs: F) -> Result<Vec<PreparedInput>, Refusal>
    where
        F: MakesInputs,
    {
        let turn = Arc::clone(&self.tokenizers).acquire_owned().await;
        let backend = Arc::clone(&self.backend);
        let work = spawn_blocking(move || {
            let _turn = turn;
            let prepared = inputs.make().into_iter().enumerate().map(|(input, text)| {
                backend.prepare(text).map_err(|error| Refusal::Tokenizer {
                    input,
                    reason: error.to_string(),
                })
            });
            prepared.collect()
        });
        match work.await {
            Ok(prepared) => prepared,
            Err(_) => {
                self.metrics.panicked();
                Err(Refusal::Failed)
            }
        }
    }

    /// Cuts a text to what one batch holds, or refuses it.
    fn fit(&self, index: usize, input: &mut PreparedInput, truncate: bool) -> Result<(), Refusal> {
        if !truncate && input.is_cut() {
            return Err(Refusal::TooLong {
                input: index,
                tokens: input.tokens() + input.encoded().dropped_tokens,
                limit: self.backend.predictor().folder().max_length,
            });
        }
        input.limit(self.max_batch_tokens);
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Inputs that are yet to be made, and how many there will be.
pub(crate) trait MakesInputs: Send + 'static {
    fn len(&self) -> usize;
    fn make(self) -> Vec<PredictInput>;
}

impl MakesInputs for Vec<PredictInput> {
    fn len(&self) -> usize {
        self.len()
    }

    fn make(self) -> Vec<PredictInput> {
        self
    }
}
