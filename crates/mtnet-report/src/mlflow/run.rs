//! One run on a tracking server.

use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::metric_name;
use super::server::{Metric, MlflowServer, MlflowStatus, now};
use super::worker::{Message, Worker};
use crate::ReportError;

/// Messages that wait for the server at most; what comes beyond them is left out, not waited for.
const WAITING: usize = 4_096;

/// A run whose numbers a thread of its own brings to the server.
///
/// Dropping it says that the run failed; [`finish`](Self::finish) says otherwise.
#[derive(Debug)]
pub struct MlflowRun {
    id: String,
    sender: SyncSender<Message>,
    worker: Option<JoinHandle<()>>,
    failure: Arc<Mutex<Option<ReportError>>>,
    left_out: u64,
}

impl MlflowRun {
    /// Goes on with a run that [`MlflowServer::create_run`] started, here or in an earlier process.
    ///
    /// # Errors
    /// [`ReportError::Mlflow`] if the server does not answer or does not know the run.
    pub fn open(server: MlflowServer, id: String) -> Result<Self, ReportError> {
        server.update_run(&id, MlflowStatus::Running)?;
        let (sender, receiver) = sync_channel(WAITING);
        let failure = Arc::new(Mutex::new(None));
        let worker = Worker::new(server, id.clone(), receiver, Arc::clone(&failure));
        Ok(Self {
            id,
            sender,
            worker: Some(std::thread::spawn(move || worker.work())),
            failure,
            left_out: 0,
        })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Numbers that were left out since the server was slower than the run.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Adds numbers of a step. Does not wait for the server.
    ///
    /// # Errors
    /// [`ReportError::Mlflow`] with what went wrong before, once the server has refused, or not answered
    /// several times.
    pub fn scalars(
        &mut self,
        step: u64,
        scalars: impl IntoIterator<Item = (String, f64)>,
    ) -> Result<(), ReportError> {
        let timestamp = now();
        let metrics: Vec<Metric> = scalars
            .into_iter()
            .map(|(tag, value)| Metric {
                name: metric_name(&tag),
                value,
                step,
                timestamp,
            })
            .collect();
        match self.sender.try_send(Message::Metrics(metrics)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(Message::Metrics(metrics))) => {
                self.left_out += metrics.len() as u64;
                Ok(())
            }
            Err(_) => self.why_it_ended(),
        }
    }

    /// Brings what is left to the server, and says what became of the run.
    ///
    /// # Errors
    /// [`ReportError::Mlflow`] if the server does not answer or refuses.
    pub fn finish(mut self, status: MlflowStatus) -> Result<(), ReportError> {
        self.end(status);
        self.why_it_ended()
    }

    fn end(&mut self, status: MlflowStatus) {
        if let Some(worker) = self.worker.take() {
            // A worker that has ended takes no message, and has left its reason.
            drop(self.sender.send(Message::End(status)));
            if worker.join().is_err() {
                tracing::warn!("the thread that talks to MLflow panicked");
            }
        }
    }

    fn why_it_ended(&self) -> Result<(), ReportError> {
        let failure = self.failure.lock();
        match failure.map(|mut failure| failure.take()) {
            Ok(Some(error)) => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for MlflowRun {
    fn drop(&mut self) {
        self.end(MlflowStatus::Failed);
    }
}
