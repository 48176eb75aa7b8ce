//! `/embed`: the pooled row of each text.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use mtnet_model::Ask;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::app::App;
use super::body;
use super::compute::Compute;
use super::error::{ApiError, ErrorBody};
use super::input_schema::InputsSchema;
use super::inputs::Inputs;
use super::predict::Direction;

/// Texts to embed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmbedRequest {
    /// One text, or a list of texts and pairs.
    #[schema(value_type = InputsSchema, example = "play some Adele")]
    inputs: Value,
    /// Whether embeddings have length 1. Default: yes.
    normalize: Option<bool>,
    /// Whether a text that is longer than the model reads is cut (default) or refused.
    truncate: Option<bool>,
    /// Which end is cut: only `right`.
    #[expect(dead_code, reason = "read to be refused where it is not `right`")]
    truncation_direction: Option<Direction>,
}

/// An embedding a text, in a list even for one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!([[0.6, -0.8]]))]
pub(super) struct EmbedResponse(Vec<Vec<f32>>);

/// Embeds texts.
#[utoipa::path(
    post, path = "/embed", tag = "embed", request_body = EmbedRequest,
    responses(
        (status = 200, description = "Embeddings.", body = EmbedResponse),
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
pub(super) async fn embed(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let start = Instant::now();
    let request: EmbedRequest = body::json(&app, request).await?;
    let inputs = Inputs::read(request.inputs, &app)?;
    let normalize = request.normalize.unwrap_or(true);
    let truncate = request.truncate.unwrap_or(true);
    let (embeddings, compute) = embeddings(&app, start, inputs, normalize, truncate).await?;
    Ok(compute.on(&app, Json(EmbedResponse(embeddings))))
}

/// The embeddings of inputs in order.
pub(super) async fn embeddings(
    app: &App,
    start: Instant,
    inputs: Inputs,
    normalize: bool,
    truncate: bool,
) -> Result<(Vec<Vec<f32>>, Compute), ApiError> {
    let ask = Ask {
        embedding: true,
        ..Ask::default()
    };
    let characters = inputs.characters();
    let answered = app.engine.answer_from(inputs.items, ask, truncate).await?;
    let compute = Compute::new(start, characters, &answered);
    let embeddings = answered
        .done
        .into_iter()
        .filter_map(|done| done.reply.embedding)
        .map(|row| if normalize { normalized(row) } else { row })
        .collect();
    Ok((embeddings, compute))
}

/// The row with length 1; a row of zeros stays one.
fn normalized(mut row: Vec<f32>) -> Vec<f32> {
    let length = row
        .iter()
        .map(|&x| f64::from(x) * f64::from(x))
        .sum::<f64>()
        .sqrt();
    if length > 0.0 {
        row.iter_mut()
            .for_each(|x| *x = (f64::from(*x) / length) as f32);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gets_length_one_and_nothing_stays_nothing() {
        assert_eq!(normalized(vec![3.0, -4.0]), [0.6, -0.8]);
        assert_eq!(normalized(vec![0.0, 0.0]), [0.0, 0.0]);
        // Squares that only a wider type holds.
        let large = 2_f32.powi(100);
        assert_eq!(normalized(vec![3.0 * large, 4.0 * large]), [0.6, 0.8]);
    }
}
