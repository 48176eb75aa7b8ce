//! The OpenAPI document of the routes.

use serde_json::{Value, json};
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

/// The OpenAPI document of the routes, with the names that a task can have; any, if there are none.
pub fn openapi(tasks: &[&str]) -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    loosen(&mut document);
    if tasks.is_empty() {
        return document;
    }
    let request = "/components/schemas/PredictRequest/properties";
    let or_null: Vec<Option<&str>> = tasks.iter().copied().map(Some).chain([None]).collect();
    for (pointer, names) in [
        (
            "/paths/~1predict~1{task}/post/parameters/0/schema".to_owned(),
            json!(tasks),
        ),
        (format!("{request}/task"), json!(or_null)),
        (format!("{request}/tasks/items"), json!(tasks)),
    ] {
        if let Some(schema) = document.pointer_mut(&pointer) {
            schema["enum"] = names;
        }
    }
    document
}

/// Turns every `oneOf` into `anyOf`: an empty list, for one, is an answer in more than one form.
fn loosen(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(loosen),
        Value::Object(object) => {
            if let Some(choice) = object.remove("oneOf") {
                object.insert("anyOf".to_owned(), choice);
            }
            object.values_mut().for_each(loosen);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_the_tasks_wherever_one_can_stand() {
        let document = openapi(&["a", "b"]);
        assert_eq!(document.to_string().matches(r#""enum":["a","b"#).count(), 3);
        assert_eq!(document["openapi"], "3.1.0");
        assert!(!document.to_string().contains("oneOf"));
        assert!(!openapi(&[]).to_string().contains(r#""enum":[]"#));
    }
}
