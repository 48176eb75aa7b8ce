//! `/health`, `/ready` and `/metrics`: what those who watch a server ask.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::error::{ApiError, ErrorBody, ErrorType};
use crate::metrics::Gauges;

/// Says whether the process works; if not, it should be started again.
#[utoipa::path(
    get, path = "/health", tag = "watch",
    responses(
        (status = 200, description = "It works."),
        (status = 503, description = "It does not.", body = ErrorBody),
    )
)]
pub(super) async fn health(State(app): State<Arc<App>>) -> Result<StatusCode, ApiError> {
    match app.engine.is_alive() {
        true => Ok(StatusCode::OK),
        false => Err(unhealthy("the inference thread has ended")),
    }
}

/// Says whether requests should be sent here.
#[utoipa::path(
    get, path = "/ready", tag = "watch",
    responses(
        (status = 200, description = "They should."),
        (status = 503, description = "The server is stopping.", body = ErrorBody),
    )
)]
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<StatusCode, ApiError> {
    match app.is_ready() {
        true => Ok(StatusCode::OK),
        false => Err(unhealthy("the server is stopping")),
    }
}

/// Counts and times in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", tag = "watch",
    responses(
        (status = 200, description = "Numbers.", body = String, content_type = "text/plain"),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
    ),
    security((), ("key" = []))
)]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let (queue_texts, queue_tokens) = app.engine.waiting();
    let text = app.metrics.text(Gauges {
        queue_texts,
        queue_tokens,
        connections: app.connections.open(),
        ready: app.is_ready(),
    });
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

fn unhealthy(error: &str) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, ErrorType::Unhealthy, error)
}
