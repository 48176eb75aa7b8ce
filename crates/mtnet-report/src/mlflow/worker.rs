//! The thread that brings the numbers of a run to the server, many a call.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::server::{Metric, MlflowServer, MlflowStatus};
use crate::ReportError;

/// Numbers of one call, unless time brings fewer.
const ENOUGH: usize = 500;
/// How long a number waits for company.
const PATIENCE: Duration = Duration::from_secs(2);
/// What lies between attempts of one call.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(4),
];

/// What a run says to its worker.
#[derive(Debug)]
pub(super) enum Message {
    /// Further numbers.
    Metrics(Vec<Metric>),
    /// Nothing comes any more.
    End(MlflowStatus),
}

/// Works until the end, or until a call has failed for good.
pub(super) struct Worker {
    server: MlflowServer,
    run: String,
    messages: Receiver<Message>,
    failure: Arc<Mutex<Option<ReportError>>>,
    waiting: Vec<Metric>,
}

impl Worker {
    pub fn new(
        server: MlflowServer,
        run: String,
        messages: Receiver<Message>,
        failure: Arc<Mutex<Option<ReportError>>>,
    ) -> Self {
        Self {
            server,
            run,
            messages,
            failure,
            waiting: Vec::new(),
        }
    }

    pub fn work(mut self) {
        if let Err(error) = self.until_the_end()
            && let Ok(mut failure) = self.failure.lock()
        {
            *failure = Some(error);
        }
    }

    fn until_the_end(&mut self) -> Result<(), ReportError> {
        let mut since = Instant::now();
        loop {
            match self.messages.recv_timeout(PATIENCE) {
                Ok(Message::Metrics(metrics)) => self.waiting.extend(metrics),
                Ok(Message::End(status)) => {
                    // Whoever ends a run waits for this: one attempt must do.
                    self.server.log_metrics(&self.run, &self.waiting)?;
                    return self.server.update_run(&self.run, status);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            let is_due = self.waiting.len() >= ENOUGH || since.elapsed() >= PATIENCE;
            if is_due && !self.waiting.is_empty() {
                self.bring()?;
                since = Instant::now();
            }
        }
    }

    fn bring(&mut self) -> Result<(), ReportError> {
        let mut brought = self.server.log_metrics(&self.run, &self.waiting);
        for pause in PAUSES {
            if brought.is_ok() {
                break;
            }
            std::thread::sleep(pause);
            brought = self.server.log_metrics(&self.run, &self.waiting);
        }
        self.waiting.clear();
        brought
    }
}
