//! Starting a server, and ending it without leaving anybody unanswered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep};

use crate::api::{App, metrics_router, router};
use crate::http::{Connections, Limits};
use crate::{Backend, Engine, Metrics, ServeError, Settings};

/// Connections to the address of the metrics.
const METRICS_CONNECTIONS: usize = 16;

/// Serves until SIGTERM or SIGINT, and ends once what was accepted is answered. `listening` hears
/// the address. A second signal ends the process at once.
///
/// # Errors
/// If a setting is out of range, the address is taken, or a thread cannot be started.
pub fn serve(
    backend: Arc<dyn Backend>,
    settings: Settings,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let runtime = runtime()?;
    let server = runtime.block_on(Server::bind(backend, settings))?;
    let signal = {
        let _context = runtime.enter();
        signal()?
    };
    listening(server.address);
    runtime.block_on(server.run(signal));
    // A tokenizer that still runs must not hold the process.
    runtime.shutdown_background();
    Ok(())
}

/// A server on threads of its own.
#[derive(Debug)]
pub struct Handle {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts a server beside the rest of a program. It stops when the handle says so or is dropped.
///
/// # Errors
/// As [`serve`].
pub fn start(backend: Arc<dyn Backend>, settings: Settings) -> Result<Handle, ServeError> {
    let runtime = runtime()?;
    let server = runtime.block_on(Server::bind(backend, settings))?;
    let address = server.address;
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new()
        .name("mtnet-serve".to_owned())
        .spawn(move || {
            runtime.block_on(async move {
                server
                    .run(async {
                        let _ = stopped.await;
                    })
                    .await;
            });
            runtime.shutdown_background();
        })?;
    Ok(Handle {
        address,
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Handle {
    /// Asks it to stop, as a signal would. Returns at once.
    pub fn ask_to_stop(&mut self) {
        // Dropping the sender says the same.
        self.stop.take();
    }

    /// Stops it and waits until it has ended.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.end();
    }
}

/// A server that listens and does not serve yet.
struct Server {
    address: SocketAddr,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    connections: Connections,
    app: Arc<App>,
    router: Router,
}

impl Server {
    async fn bind(backend: Arc<dyn Backend>, settings: Settings) -> Result<Self, ServeError> {
        settings.check()?;
        let listener = listen(settings.address).await?;
        let metrics_listener = match settings.metrics_address {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let address = listener.local_addr()?;
        let metrics = Arc::new(Metrics::default());
        let engine = Engine::start(backend, &settings, Arc::clone(&metrics))?;
        let connections = Connections::new(Limits {
            connections: settings.max_connections,
            header: settings.header_timeout,
        });
        let app = Arc::new(App::new(engine, metrics, settings, connections.clone()));
        Ok(Self {
            address,
            listener,
            metrics_listener,
            connections,
            router: router(Arc::clone(&app)),
            app,
        })
    }

    /// Serves until `stop`. Then `/ready` says no while connections are still taken, so that who
    /// sends requests here learns to send them elsewhere; then the listener closes, and what was
    /// accepted is answered.
    async fn run(self, stop: impl Future<Output = ()>) {
        let Self {
            listener,
            metrics_listener,
            connections,
            app,
            router,
            ..
        } = self;
        let (ended, mut metrics_end) = watch::channel(false);
        if let Some(listener) = metrics_listener {
            let limits = Limits {
                connections: METRICS_CONNECTIONS,
                header: app.settings.header_timeout,
            };
            let router = metrics_router(Arc::clone(&app));
            tokio::spawn(async move {
                let end = async move { drop(metrics_end.wait_for(|&ended| ended).await) };
                Connections::new(limits).accept(listener, router, end).await;
            });
        }
        let drain_time = app.settings.drain_time;
        let mut deadline = None;
        let draining = async {
            stop.await;
            tracing::info!("stopping");
            app.stop_being_ready();
            deadline = Some(Instant::now() + app.settings.shutdown_grace);
            sleep(drain_time.min(app.settings.shutdown_grace)).await;
        };
        connections.accept(listener, router, draining).await;
        let deadline = deadline.unwrap_or_else(Instant::now);
        if !connections.close(deadline).await {
            let left = connections.open();
            tracing::warn!(connections = left, "closed before they were answered");
        }
        ended.send_replace(true);
        let engine = Arc::clone(&app);
        let stopping = tokio::task::spawn_blocking(move || engine.engine.stop());
        // A batch may still run for texts whose time is up: nobody waits for it any more.
        let soon = Instant::now() + Duration::from_millis(500);
        let _ = tokio::time::timeout_at(deadline.max(soon), stopping).await;
        tracing::info!("stopped");
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Listen {
            address: address.to_string(),
            source,
        })
}

/// Two threads are plenty for waiting; the cores are for the model.
fn runtime() -> Result<Runtime, ServeError> {
    Ok(Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("mtnet-http")
        .enable_io()
        .enable_time()
        .build()?)
}

/// The first signal that asks to stop; it is listened for from now on. The second ends the process.
fn signal() -> Result<impl Future<Output = ()>, ServeError> {
    let mut signals = Signals::new()?;
    Ok(async move {
        signals.next().await;
        tokio::spawn(async move {
            signals.next().await;
            tracing::warn!("ended by a second signal");
            std::process::exit(1);
        });
    })
}

/// Signals that ask to stop.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Signals that ask to stop.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
