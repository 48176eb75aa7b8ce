//! Which route leads where.

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::app::App;
use super::error::{ApiError, ErrorType};
use super::observe::observe;
use super::{auth, documents, embed, health, info, openai, predict, similarity, tokenize};

/// The routes of a server.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut guarded = Router::new()
        .route("/predict", post(predict::predict))
        .route("/predict/{task}", post(predict::predict_task))
        .route("/embed", post(embed::embed))
        .route("/v1/embeddings", post(openai::embeddings_v1))
        .route("/similarity", post(similarity::similarity))
        .route("/tokenize", post(tokenize::tokenize))
        .route("/info", get(info::info));
    if app.settings.metrics_address.is_none() {
        guarded = guarded.route("/metrics", get(health::metrics));
    }
    guarded
        .route_layer(from_fn_with_state(Arc::clone(&app), auth::check))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/", get(documents::page))
        .route("/page.css", get(documents::page_style))
        .route("/page.js", get(documents::page_script))
        .route("/answers.js", get(documents::page_answers))
        .route("/docs", get(documents::docs))
        .route("/docs.js", get(documents::docs_script))
        .route("/openapi.json", get(documents::description))
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&app), observe))
        .with_state(app)
}

/// The routes of the address that metrics have for themselves.
pub(crate) fn metrics_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(health::metrics))
        .fallback(not_found)
        .with_state(app)
}

async fn not_found(uri: Uri) -> ApiError {
    // A path can hold a text that somebody put there by mistake: it is not repeated whole.
    let path: String = uri.path().chars().take(64).collect();
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorType::Route,
        format!("nothing at `{path}`; `/docs` lists the routes"),
    )
}

async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    let path: String = uri.path().chars().take(64).collect();
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorType::Route,
        format!("`{path}` does not take {method}; `/docs` lists the routes"),
    )
}
