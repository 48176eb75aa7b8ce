//! The shapes of `inputs` as the OpenAPI document tells them. They are never made: `inputs` is read by
//! hand, for the sake of its messages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What `inputs` may be, for the OpenAPI document; [`Inputs`](super::inputs::Inputs) is what reads it.
#[derive(ToSchema, Serialize)]
#[schema(as = Inputs)]
#[serde(untagged)]
#[expect(dead_code, reason = "a schema, never made")]
pub(super) enum InputsSchema {
    /// One text.
    Text(Text),
    /// One text, pair or list of words with names.
    Named(NamedInput),
    /// Several, each answered for itself.
    List(#[schema(inline)] InputList),
}

/// Several inputs.
#[derive(ToSchema, Serialize)]
#[schema(min_items = 1)]
pub(super) struct InputList(Vec<ListedInput>);

/// One of several inputs.
#[derive(ToSchema, Serialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "a schema, never made")]
pub(super) enum ListedInput {
    /// A text.
    Text(Text),
    /// A text, or a pair of texts.
    TextOrPair(TextOrPair),
    /// With names.
    Named(NamedInput),
}

/// A text.
#[derive(ToSchema, Deserialize, Serialize)]
#[schema(min_length = 1)]
pub(super) struct Text(String);

/// A text, or a pair of texts.
#[derive(ToSchema, Serialize)]
#[schema(min_items = 1, max_items = 2)]
pub(super) struct TextOrPair(Vec<Text>);

/// A text, a pair, or the words of a text.
#[derive(ToSchema, Serialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "a schema, never made")]
pub(super) enum NamedInput {
    /// A text.
    Text(NamedText),
    /// A pair of texts.
    Pair(NamedPair),
    /// The words of a text.
    Words(NamedWords),
}

/// A text.
#[derive(ToSchema, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedText {
    /// The text.
    #[schema(min_length = 1)]
    text: String,
}

/// A pair of texts.
#[derive(ToSchema, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedPair {
    /// The first text.
    #[schema(min_length = 1)]
    text: String,
    /// The second text.
    text_b: String,
}

/// The words of a text: tags are answered for exactly these.
#[derive(ToSchema, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedWords {
    /// The words.
    #[schema(min_items = 1)]
    tokens: Vec<Text>,
}
