//! `/info`: what is served.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::error::ErrorBody;

/// The model and its limits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Info {
    /// Name of the model.
    model_id: String,
    /// SHA-256 of its weights; null where the server was not told.
    model_sha: Option<String>,
    /// Type of its numbers.
    model_dtype: &'static str,
    /// `multi-task`.
    model_type: &'static str,
    /// Its tasks in order.
    tasks: Vec<TaskInfo>,
    /// Numbers of an embedding.
    hidden_size: usize,
    /// Tokens that are read at once.
    max_input_length: usize,
    /// Texts that may be in the server at once.
    max_concurrent_requests: usize,
    /// Tokens of a batch.
    max_batch_tokens: usize,
    /// Texts of a request.
    max_client_batch_size: usize,
    /// Bytes of a body.
    payload_limit: usize,
    /// Texts that are tokenised at once.
    tokenization_workers: usize,
    /// Unit of `start` and `end` in answers.
    offset_unit: &'static str,
    /// Version of the server.
    version: &'static str,
}

/// A task of the model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskInfo {
    /// Its name.
    name: String,
    /// Type of its head.
    head: String,
    /// Its labels, or the targets of a regression.
    labels: Vec<String>,
    /// What scores were divided by to calibrate its probabilities; null where they are not.
    temperature: Option<f64>,
}

/// Describes the model and its limits.
#[utoipa::path(
    get, path = "/info", tag = "model",
    responses(
        (status = 200, description = "The model.", body = Info),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
    ),
    security((), ("key" = []))
)]
pub(super) async fn info(State(app): State<Arc<App>>) -> Json<Info> {
    let folder = app.engine.backend().predictor().folder();
    let settings = &app.settings;
    let tasks = folder.model.tasks().iter();
    Json(Info {
        model_id: settings.model_name.clone(),
        model_sha: settings.model_sha.clone(),
        model_dtype: "float32",
        model_type: "multi-task",
        tasks: tasks
            .map(|task| TaskInfo {
                name: task.spec.name.to_string(),
                head: task.spec.head.kind().to_owned(),
                labels: task.spec.labels.clone(),
                temperature: task.calibration().map(|found| found.temperature()),
            })
            .collect(),
        hidden_size: folder.model.encoder().hidden_size(),
        max_input_length: folder.max_length,
        max_concurrent_requests: settings.max_concurrent_requests,
        max_batch_tokens: settings.max_batch_tokens,
        max_client_batch_size: settings.max_client_batch_size,
        payload_limit: settings.payload_limit,
        tokenization_workers: settings.tokenization_workers,
        offset_unit: "unicode-scalar-value",
        version: env!("CARGO_PKG_VERSION"),
    })
}
