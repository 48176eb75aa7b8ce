//! What all routes share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::http::Connections;
use crate::{Engine, Metrics, Settings};

/// The state behind the routes.
pub(crate) struct App {
    pub engine: Engine,
    pub metrics: Arc<Metrics>,
    pub settings: Settings,
    pub connections: Connections,
    ready: AtomicBool,
    requests: AtomicU64,
}

impl App {
    pub fn new(
        engine: Engine,
        metrics: Arc<Metrics>,
        settings: Settings,
        connections: Connections,
    ) -> Self {
        Self {
            engine,
            metrics,
            settings,
            connections,
            ready: AtomicBool::new(true),
            requests: AtomicU64::new(0),
        }
    }

    /// Whether requests should be sent here.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && self.engine.is_alive()
    }

    /// Whether the server is on its way out.
    pub fn is_stopping(&self) -> bool {
        !self.ready.load(Ordering::Relaxed)
    }

    /// Says from now on that requests should be sent elsewhere.
    pub fn stop_being_ready(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }

    /// A number for the next request.
    pub fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }
}
