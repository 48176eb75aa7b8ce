//! `/similarity`: how close sentences are to one, as the cosine of their embeddings.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body;
use super::embed::embeddings;
use super::error::{ApiError, ErrorBody};
use super::input_schema::Text;
use super::inputs::{Inputs, RawInput};
use super::predict::Direction;

/// A sentence and those to compare it with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SimilarityRequest {
    /// The sentences.
    inputs: SimilarityInputs,
    /// How long sentences are dealt with.
    parameters: Option<SimilarityParameters>,
}

/// A sentence and others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SimilarityInputs {
    /// What the others are compared with.
    #[schema(min_length = 1, example = "play some Adele")]
    source_sentence: String,
    /// The others.
    #[schema(value_type = Vec<Text>, min_items = 1, example = json!(["hear Bach", "book a table"]))]
    sentences: Vec<String>,
}

/// How long sentences are dealt with.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SimilarityParameters {
    /// Whether a sentence that is longer than the model reads is cut (default) or refused.
    truncate: Option<bool>,
    /// Which end is cut: only `right`.
    #[expect(dead_code, reason = "read to be refused where it is not `right`")]
    truncation_direction: Option<Direction>,
}

/// The cosine of each sentence with the source, from -1 to 1.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!([0.93, 0.12]))]
pub(super) struct SimilarityResponse(Vec<f32>);

/// Compares sentences with one.
#[utoipa::path(
    post, path = "/similarity", tag = "embed", request_body = SimilarityRequest,
    responses(
        (status = 200, description = "Cosines in the order of the sentences.", body = SimilarityResponse),
        (status = 400, description = "No JSON, or no text.", body = ErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
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
pub(super) async fn similarity(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let start = Instant::now();
    let request: SimilarityRequest = body::json(&app, request).await?;
    let SimilarityInputs {
        source_sentence,
        sentences,
    } = request.inputs;
    if sentences.is_empty() {
        return Err(ApiError::empty("`sentences` is an empty list"));
    }
    let truncate = request.parameters.unwrap_or_default().truncate;
    let items = std::iter::once(source_sentence).chain(sentences);
    let inputs = Inputs {
        items: items.map(RawInput::Text).collect(),
        is_list: true,
    };
    // The source is one text more than a list of sentences may have.
    inputs.check(app.settings.max_client_batch_size.saturating_add(1))?;
    let (rows, compute) = embeddings(&app, start, inputs, true, truncate.unwrap_or(true)).await?;
    let cosines = match rows.split_first() {
        Some((source, others)) => others.iter().map(|row| dot(source, row)).collect(),
        None => Vec::new(),
    };
    Ok(compute.on(&app, Json(SimilarityResponse(cosines))))
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let products = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
    products.sum::<f64>().clamp(-1.0, 1.0) as f32
}
