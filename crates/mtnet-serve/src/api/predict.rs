//! `/predict`: every task, or the named ones, from one pass; `/predict/{task}`: one of them.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use mtnet_core::TaskName;
use mtnet_model::{Ask, Prediction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::app::App;
use super::body;
use super::compute::Compute;
use super::error::{ApiError, ErrorBody};
use super::input_schema::InputsSchema;
use super::inputs::Inputs;
use super::scored::{Scored, scored};

/// What is asked of texts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PredictRequest {
    /// One text, or a list of texts and pairs.
    #[schema(value_type = InputsSchema, example = "play some Adele")]
    inputs: Value,
    /// The one task to answer, as a flat list; excludes `tasks`.
    task: Option<String>,
    /// The tasks to answer. Default: all.
    #[schema(min_items = 1)]
    tasks: Option<Vec<String>>,
    /// Whether a text that is longer than the model reads is cut (default) or refused.
    truncate: Option<bool>,
    /// Whether labels come with unnormalised scores. Entities, tags, numbers and answers stay as
    /// they are.
    raw_scores: Option<bool>,
    /// Which end is cut: only `right`.
    #[expect(dead_code, reason = "read to be refused where it is not `right`")]
    truncation_direction: Option<Direction>,
}

/// What is asked of texts where the path names the task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskRequest {
    /// One text, or a list of texts and pairs.
    #[schema(value_type = InputsSchema, example = "play some Adele")]
    inputs: Value,
    /// Whether a text that is longer than the model reads is cut (default) or refused.
    truncate: Option<bool>,
    /// Whether labels come with unnormalised scores. Entities, tags, numbers and answers stay as
    /// they are.
    raw_scores: Option<bool>,
    /// Which end is cut: only `right`.
    truncation_direction: Option<Direction>,
}

/// Which end of a long text is cut.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) enum Direction {
    /// The end.
    #[serde(rename = "right", alias = "Right")]
    Right,
}

/// Answers in the form that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum PredictResponse {
    /// Of one text, by task.
    Text(Prediction),
    /// Of a list of texts, by task.
    Texts(Vec<Prediction>),
    /// Of one task for one text.
    Task(Vec<Scored>),
    /// Of one task for a list of texts.
    TaskTexts(Vec<Vec<Scored>>),
}

/// Answers for texts from every task or the named ones, all from one pass of the encoder.
#[utoipa::path(
    post, path = "/predict", tag = "predict", request_body = PredictRequest,
    responses(
        (status = 200, description = "Answers. Offsets count characters (Unicode scalar values).", body = PredictResponse),
        (status = 400, description = "No JSON, or no text.", body = ErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 408, description = "The body came too slowly.", body = ErrorBody),
        (status = 413, description = "Too many inputs, or too large a body.", body = ErrorBody),
        (status = 415, description = "Not JSON by its content type.", body = ErrorBody),
        (status = 422, description = "JSON, but no request; a task that there is not; a text too long.", body = ErrorBody),
        (status = 429, description = "Too much at once; try again.", body = ErrorBody),
        (status = 500, description = "The model failed on an input.", body = ErrorBody),
        (status = 503, description = "Not in time, or stopping.", body = ErrorBody),
    ),
    security((), ("key" = []))
)]
pub(super) async fn predict(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let start = Instant::now();
    let request: PredictRequest = body::json(&app, request).await?;
    answer(&app, start, request).await
}

/// Answers for texts from one task, as a flat list.
#[utoipa::path(
    post, path = "/predict/{task}", tag = "predict", request_body = TaskRequest,
    params(("task" = String, Path, description = "Name of the task.")),
    responses(
        (status = 200, description = "Answers of the task.", body = PredictResponse),
        (status = 400, description = "No JSON, or no text.", body = ErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 404, description = "No such task.", body = ErrorBody),
        (status = 408, description = "The body came too slowly.", body = ErrorBody),
        (status = 413, description = "Too many inputs, or too large a body.", body = ErrorBody),
        (status = 415, description = "Not JSON by its content type.", body = ErrorBody),
        (status = 422, description = "JSON, but no request; a text too long.", body = ErrorBody),
        (status = 429, description = "Too much at once; try again.", body = ErrorBody),
        (status = 500, description = "The model failed on an input.", body = ErrorBody),
        (status = 503, description = "Not in time, or stopping.", body = ErrorBody),
    ),
    security((), ("key" = []))
)]
pub(super) async fn predict_task(
    State(app): State<Arc<App>>,
    Path(task): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let start = Instant::now();
    // A path that leads nowhere is told before the body is read.
    ask(&app, std::slice::from_ref(&task)).map_err(|mut error| {
        error.status = axum::http::StatusCode::NOT_FOUND;
        error
    })?;
    let TaskRequest {
        inputs,
        truncate,
        raw_scores,
        truncation_direction,
    } = body::json(&app, request).await?;
    let request = PredictRequest {
        inputs,
        task: Some(task),
        tasks: None,
        truncate,
        raw_scores,
        truncation_direction,
    };
    answer(&app, start, request).await
}

async fn answer(app: &App, start: Instant, request: PredictRequest) -> Result<Response, ApiError> {
    let inputs = Inputs::read(request.inputs, app)?;
    let names = match (&request.task, &request.tasks) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "found `task` and `tasks`, expected one of them",
            ));
        }
        (Some(task), None) => std::slice::from_ref(task),
        (None, Some(tasks)) if tasks.is_empty() => {
            return Err(ApiError::invalid(
                "`tasks` is empty; leave it away to ask all",
            ));
        }
        (None, Some(tasks)) => tasks.as_slice(),
        (None, None) => &[],
    };
    let ask = Ask {
        raw_scores: request.raw_scores.unwrap_or(false),
        ..ask(app, names)?
    };
    inputs.check_pairs(app, &ask)?;
    let single = request.task.is_some();
    let (is_list, characters) = (inputs.is_list, inputs.characters());
    let truncate = request.truncate.unwrap_or(true);
    let answered = app.engine.answer_from(inputs.items, ask, truncate).await?;
    let compute = Compute::new(start, characters, &answered);
    let predictions = answered.done.into_iter().map(|done| done.reply.prediction);
    let response = match single {
        true => {
            let mut lists = predictions.map(|prediction| {
                let answer = prediction.tasks.into_values().next();
                answer.map(scored).unwrap_or_default()
            });
            match is_list {
                true => PredictResponse::TaskTexts(lists.collect()),
                false => PredictResponse::Task(lists.next().unwrap_or_default()),
            }
        }
        false => {
            let mut predictions: Vec<_> = predictions.collect();
            match (is_list, predictions.pop()) {
                (false, Some(prediction)) => PredictResponse::Text(prediction),
                (_, last) => {
                    predictions.extend(last);
                    PredictResponse::Texts(predictions)
                }
            }
        }
    };
    Ok(compute.on(app, Json(response)))
}

/// Asks for tasks by name, each once.
fn ask(app: &App, names: &[String]) -> Result<Ask, ApiError> {
    let predictor = app.engine.backend().predictor();
    let names = names
        .iter()
        .map(|name| {
            // A name that no task can have is one that this model has not.
            TaskName::new(name.as_str()).map_err(|_| unknown(predictor, name))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut ask = predictor.ask(&names)?;
    ask.tasks.sort_unstable();
    ask.tasks.dedup();
    Ok(ask)
}

fn unknown(predictor: &mtnet_model::Predictor, found: &str) -> ApiError {
    let tasks = predictor.folder().model.tasks().iter();
    let known: Vec<&str> = tasks.map(|task| task.spec.name.as_str()).collect();
    let found: String = found.chars().take(64).collect();
    ApiError::invalid(format!(
        "no task `{found}` in this model; it has {}",
        known.join(", ")
    ))
}
