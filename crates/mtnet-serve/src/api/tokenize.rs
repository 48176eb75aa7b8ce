//! `/tokenize`: a text as the model reads it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use mtnet_model::PreparedInput;
use mtnet_text::TextTokenizer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::app::App;
use super::body;
use super::error::{ApiError, ErrorBody};
use super::input_schema::InputsSchema;
use super::inputs::Inputs;

/// Texts to tokenise.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenizeRequest {
    /// One text, or a list of texts and pairs.
    #[schema(value_type = InputsSchema, example = "play some Adele")]
    inputs: Value,
    /// Whether special tokens are in the answer. Default: yes.
    add_special_tokens: Option<bool>,
}

/// A token and its place.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    /// Its id.
    #[schema(example = 7)]
    id: u32,
    /// The slice of the text; of a special token its name.
    #[schema(example = "play")]
    text: String,
    /// Whether the model adds it.
    special: bool,
    /// First character (Unicode scalar value, from 0) in its text; null for a special token.
    start: Option<usize>,
    /// Character behind the last.
    stop: Option<usize>,
}

/// Tokens of each text, in a list even for one. A long text's windows stand one behind the other,
/// each with its special tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenizeResponse(Vec<Vec<Token>>);

/// Tokenises texts.
#[utoipa::path(
    post, path = "/tokenize", tag = "model", request_body = TokenizeRequest,
    responses(
        (status = 200, description = "Tokens.", body = TokenizeResponse),
        (status = 400, description = "No JSON, or no text.", body = ErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 408, description = "The body came too slowly.", body = ErrorBody),
        (status = 413, description = "Too many inputs, or too large a body.", body = ErrorBody),
        (status = 415, description = "Not JSON by its content type.", body = ErrorBody),
        (status = 422, description = "JSON, but no request.", body = ErrorBody),
        (status = 429, description = "Too much at once; try again.", body = ErrorBody),
        (status = 503, description = "Not in time, or stopping.", body = ErrorBody),
    ),
    security((), ("key" = []))
)]
pub(super) async fn tokenize(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Json<TokenizeResponse>, ApiError> {
    let request: TokenizeRequest = body::json(&app, request).await?;
    let inputs = Inputs::read(request.inputs, &app)?;
    let prepared = app.engine.tokenize(inputs.items).await?;
    let tokenizer = &app.engine.backend().predictor().folder().tokenizer;
    let specials = request.add_special_tokens.unwrap_or(true);
    let lists = prepared.iter().map(|input| {
        let mut tokens = tokens(input, tokenizer);
        tokens.retain(|token| specials || !token.special);
        tokens
    });
    Ok(Json(TokenizeResponse(lists.collect())))
}

fn tokens(input: &PreparedInput, tokenizer: &TextTokenizer) -> Vec<Token> {
    let first = input.text().first().text();
    let second = input.text().second().map_or("", |segment| segment.text());
    let mut places = [Places::new(first), Places::new(second)];
    let windows = input.encoded().windows.iter();
    windows
        .flat_map(|window| window.input_ids.iter().zip(&window.spans))
        .map(|(&id, span)| {
            let Some(span) = span else {
                return Token {
                    id,
                    text: tokenizer.token(id).unwrap_or_default(),
                    special: true,
                    start: None,
                    stop: None,
                };
            };
            let places = &mut places[usize::from(span.segment != 0)];
            let (start, stop) = (span.start as usize, span.end as usize);
            let slice = places.text.get(start..stop).unwrap_or_default();
            Token {
                id,
                text: match slice {
                    "" => tokenizer.token(id).unwrap_or_default(),
                    slice => slice.to_owned(),
                },
                special: false,
                start: Some(places.character(start)),
                stop: Some(places.character(stop)),
            }
        })
        .collect()
}

/// From bytes to characters, for places that mostly rise.
struct Places<'a> {
    text: &'a str,
    byte: usize,
    character: usize,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            byte: 0,
            character: 0,
        }
    }

    fn character(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.character) = (0, 0);
        }
        let between = self.text.get(self.byte..byte).unwrap_or_default();
        self.character += between.chars().count();
        self.byte += between.len();
        self.character
    }
}
