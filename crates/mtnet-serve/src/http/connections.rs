//! The accept loop.
//!
//! `axum::serve` 0.8 sets no limit on how long a client may take for the head of a request, so
//! connections are driven here, on hyper's `http1::Builder` with a timer.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::timed::TimedStream;

/// What bounds a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub connections: usize,
    pub header: Duration,
}

/// Open connections of a listener.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    limits: Limits,
    /// A permit a connection.
    slots: Arc<Semaphore>,
    /// Tells connections to end with the request that they are at.
    closing: watch::Sender<bool>,
}

/// How long to wait after the system refused a connection: it has no more file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

impl Connections {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            slots: Arc::new(Semaphore::new(limits.connections)),
            closing: watch::Sender::new(false),
        }
    }

    /// How many there are.
    pub fn open(&self) -> usize {
        self.limits.connections - self.slots.available_permits()
    }

    /// Accepts connections until `stop`, then those that the system had taken already.
    pub async fn accept(&self, listener: TcpListener, router: Router, stop: impl Future) {
        let mut stop = pin!(stop);
        loop {
            // While the cap is reached, who comes waits in the system's backlog.
            let next = async {
                let slot = Arc::clone(&self.slots).acquire_owned().await.ok();
                (listener.accept().await, slot)
            };
            tokio::select! {
                biased;
                () = async { stop.as_mut().await; } => break,
                (accepted, slot) = next => match (accepted, slot) {
                    (Ok((stream, _)), Some(slot)) => self.spawn(stream, slot, &router),
                    (Err(error), _) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(PAUSE).await;
                    }
                    (Ok(_), None) => break,
                },
            }
        }
        // Clients that connected before the listener closes have been promised an answer.
        while let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            match timeout(Duration::from_millis(1), listener.accept()).await {
                Ok(Ok((stream, _))) => self.spawn(stream, slot, &router),
                _ => break,
            }
        }
    }

    /// Ends idle connections at once and the others with their request. True if all have ended
    /// by `deadline`.
    pub async fn close(&self, deadline: Instant) -> bool {
        self.closing.send_replace(true);
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        timeout_at(deadline, self.slots.acquire_many(all))
            .await
            .is_ok()
    }

    fn spawn(&self, stream: TcpStream, slot: OwnedSemaphorePermit, router: &Router) {
        // Answers are small and written whole: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let io = TokioIo::new(TimedStream::new(stream, self.limits.header));
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header)
            .serve_connection(io, service);
        let mut closing = self.closing.subscribe();
        tokio::spawn(async move {
            let _slot = slot;
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = async { drop(closing.wait_for(|&closing| closing).await) } => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "connection");
            }
        });
    }
}
