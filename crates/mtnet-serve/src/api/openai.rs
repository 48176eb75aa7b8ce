//! `/v1/embeddings`: `/embed` in the form of OpenAI's API, for its clients.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::app::App;
use super::body;
use super::embed::embeddings;
use super::error::{ApiError, ErrorType, with_headers};
use super::input_schema::Text;
use super::inputs::Inputs;

/// Texts to embed. Keys that clients send besides are passed over.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct EmbeddingsRequest {
    /// A text or a list of texts.
    #[schema(value_type = TextOrTexts, example = "play some Adele")]
    input: Value,
    /// How numbers come: `float` (default) or `base64` of 32-bit floats, little-endian.
    encoding_format: Option<EncodingFormat>,
    /// Passed over: there is one model.
    #[expect(dead_code, reason = "named for the document")]
    model: Option<String>,
}

/// A text or a list of texts.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a schema, never made")]
enum TextOrTexts {
    /// A text.
    Text(Text),
    /// Texts.
    Texts(#[schema(inline)] Texts),
}

/// Texts.
#[derive(Serialize, ToSchema)]
#[schema(min_items = 1)]
struct Texts(Vec<Text>);

/// How numbers come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum EncodingFormat {
    /// As numbers.
    Float,
    /// As the base64 of little-endian 32-bit floats.
    Base64,
}

/// Embeddings with what they took.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EmbeddingsResponse {
    /// `list`.
    #[schema(example = "list")]
    object: &'static str,
    /// An embedding a text.
    data: Vec<EmbeddingObject>,
    /// Name of the model.
    model: String,
    /// Tokens.
    usage: Usage,
}

/// The embedding of one text.
#[derive(Debug, Serialize, ToSchema)]
struct EmbeddingObject {
    /// `embedding`.
    #[schema(example = "embedding")]
    object: &'static str,
    /// The numbers, of length 1.
    embedding: Numbers,
    /// Index of the text.
    index: usize,
}

/// Numbers in the format that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum Numbers {
    /// As numbers.
    Float(Vec<f32>),
    /// As base64.
    Base64(String),
}

/// Tokens that were read.
#[derive(Debug, Serialize, ToSchema)]
struct Usage {
    /// Tokens of the texts.
    prompt_tokens: usize,
    /// The same.
    total_tokens: usize,
}

/// An error as OpenAI's clients read it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenAiError {
    /// What was found, what was expected, what to do.
    message: String,
    /// The status.
    code: u16,
    /// The kind of error.
    r#type: ErrorType,
}

/// Embeds texts, in the form of OpenAI's API.
#[utoipa::path(
    post, path = "/v1/embeddings", tag = "embed", request_body = EmbeddingsRequest,
    responses(
        (status = 200, description = "Embeddings.", body = EmbeddingsResponse),
        (status = 400, description = "No JSON, or no text.", body = OpenAiError),
        (status = 401, description = "The key is missing or wrong.", body = super::error::ErrorBody),
        (status = 408, description = "The body came too slowly.", body = OpenAiError),
        (status = 413, description = "Too many inputs, or too large a body.", body = OpenAiError),
        (status = 415, description = "Not JSON by its content type.", body = OpenAiError),
        (status = 422, description = "JSON, but no request.", body = OpenAiError),
        (status = 429, description = "Too much at once; try again.", body = OpenAiError),
        (status = 500, description = "The model failed on an input.", body = OpenAiError),
        (status = 503, description = "Not in time, or stopping.", body = OpenAiError),
    ),
    security((), ("key" = []))
)]
pub(super) async fn embeddings_v1(State(app): State<Arc<App>>, request: Request) -> Response {
    match answer(&app, request).await {
        Ok(response) => response,
        Err(error) => {
            let body = OpenAiError {
                message: error.body.error,
                code: error.status.as_u16(),
                r#type: error.body.error_type,
            };
            with_headers(error.status, (error.status, Json(body)).into_response())
        }
    }
}

async fn answer(app: &App, request: Request) -> Result<Response, ApiError> {
    let start = Instant::now();
    let request: EmbeddingsRequest = body::json(app, request).await?;
    if !is_texts(&request.input) {
        return Err(ApiError::invalid(
            "`input` is neither a string nor a list of strings; token ids are not taken",
        ));
    }
    let inputs = Inputs::read(request.input, app)?;
    let (rows, compute) = embeddings(app, start, inputs, true, true).await?;
    let base64 = request.encoding_format == Some(EncodingFormat::Base64);
    let data = rows.into_iter().enumerate();
    let response = EmbeddingsResponse {
        object: "list",
        data: data
            .map(|(index, row)| EmbeddingObject {
                object: "embedding",
                embedding: match base64 {
                    true => Numbers::Base64(encode(&row)),
                    false => Numbers::Float(row),
                },
                index,
            })
            .collect(),
        model: app.settings.model_name.clone(),
        usage: Usage {
            prompt_tokens: compute.tokens(),
            total_tokens: compute.tokens(),
        },
    };
    Ok(compute.on(app, Json(response)))
}

fn is_texts(input: &Value) -> bool {
    match input {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        _ => false,
    }
}

/// Base64 (RFC 4648, §4) of little-endian floats.
fn encode(row: &[f32]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = row.iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sextet = (group >> (18 - 6 * place)) as usize & 63;
            // Three bytes fill four characters, two fill three, one fills two.
            text.push(match place <= chunk.len() {
                true => char::from(ALPHABET[sextet]),
                false => '=',
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_encoded_as_other_programs_do() {
        // base64.b64encode(struct.pack("<f", 1.0)) and so on, of Python.
        assert_eq!(encode(&[1.0]), "AACAPw==");
        assert_eq!(encode(&[1.0, -2.5]), "AACAPwAAIMA=");
        assert_eq!(encode(&[0.1, 0.2, 0.3]), "zczMPc3MTD6amZk+");
        assert_eq!(encode(&[]), "");
    }
}
