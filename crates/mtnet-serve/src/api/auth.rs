//! The key, where one is asked for.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::error::{ApiError, ErrorType};

/// Lets requests pass that bring `authorization: Bearer KEY`.
pub(super) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let allowed = match &app.settings.api_key {
        None => true,
        Some(key) => bearer(request.headers()).is_some_and(|found| key.is(found)),
    };
    if allowed {
        return next.run(request).await;
    }
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorType::Unauthorized,
        "expected the header `authorization: Bearer KEY` with the key of this server",
    )
    .into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, key) = value.split_at_checked("bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| key.trim_ascii())
}
