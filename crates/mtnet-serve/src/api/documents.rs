//! The page, its parts, and the description of the routes: files that are part of the program.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::openapi::openapi;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

pub(super) async fn page() -> Response {
    file(HTML, include_str!("../../page/index.html"))
}

pub(super) async fn page_style() -> Response {
    file(CSS, include_str!("../../page/page.css"))
}

pub(super) async fn page_script() -> Response {
    file(SCRIPT, include_str!("../../page/page.js"))
}

pub(super) async fn page_answers() -> Response {
    file(SCRIPT, include_str!("../../page/answers.js"))
}

pub(super) async fn docs() -> Response {
    file(HTML, include_str!("../../page/docs.html"))
}

pub(super) async fn docs_script() -> Response {
    file(SCRIPT, include_str!("../../page/docs.js"))
}

/// The description of the routes, with the tasks of this model.
pub(super) async fn description(State(app): State<Arc<App>>) -> Response {
    let tasks = app.engine.backend().predictor().folder().model.tasks();
    let names: Vec<&str> = tasks.iter().map(|task| task.spec.name.as_str()).collect();
    Json(openapi(&names)).into_response()
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let head = [
        (header::CONTENT_TYPE, kind),
        // A new version of the program is seen at once.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (head, text).into_response()
}
