//! Routes: bodies in, answers out.

mod app;
mod auth;
mod body;
mod catch;
mod compute;
mod documents;
mod embed;
mod error;
mod health;
mod info;
mod input_schema;
mod inputs;
mod observe;
mod openai;
mod openapi;
mod predict;
mod request_id;
mod router;
mod scored;
mod similarity;
mod tokenize;

pub(crate) use app::App;
pub use openapi::openapi;
pub(crate) use router::{metrics_router, router};
