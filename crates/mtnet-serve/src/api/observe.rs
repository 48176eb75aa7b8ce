//! Around every request: its id, its line in the log, its place in the metrics.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::catch::Caught;
use super::error::ApiError;
use super::request_id::{X_REQUEST_ID, request_id};

/// The page takes nothing from elsewhere and shows itself nowhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Runs a request and notes what became of it. The log names the route, never what was sent.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = request_id(request.headers(), &app);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let mut response = match Caught::new(next.run(request)).await {
        Some(response) => response,
        None => {
            app.metrics.panicked();
            ApiError::internal().into_response()
        }
    };
    let time = start.elapsed();
    let status = response.status().as_u16();
    app.metrics.request(&route, status, time);
    tracing::info!(
        id = id.to_str().unwrap_or_default(),
        %method,
        route,
        status,
        milliseconds = format_args!("{:.2}", 1e3 * time.as_secs_f64()),
        "request"
    );
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, id);
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.is_stopping() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
