//! The OpenAPI document of the routes.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{embed, health, info, openai, predict, similarity, tokenize};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "MT-Net",
        description = "Answers of a multi-task model: a text is encoded once, and every head answers.",
    ),
    paths(
        predict::predict,
        predict::predict_task,
        embed::embed,
        openai::embeddings_v1,
        similarity::similarity,
        tokenize::tokenize,
        info::info,
        health::health,
        health::ready,
        health::metrics,
    ),
    modifiers(&Key)
)]
struct Document;

/// The key, where the server asks for one.
struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The key of the server, if it was started with one."))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("key", SecurityScheme::Http(scheme));
    }
}

/// The OpenAPI document that `/openapi.json` serves.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
