//! Answers to requests that cannot be met: `{"error", "error_type"}`, as text-embeddings-inference
//! writes them.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mtnet_model::ModelError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Refusal;

/// An error as a client reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// What was found, what was expected, what to do.
    #[schema(example = "no task `mood` in this model; it has intent, slots")]
    pub error: String,
    /// The kind of error.
    pub error_type: ErrorType,
}

/// Kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub enum ErrorType {
    /// The request is not as it should be.
    Validation,
    /// A text could not be tokenised.
    Tokenizer,
    /// There is no text.
    Empty,
    /// There is no such route, or not with this method.
    Route,
    /// The key is missing or wrong.
    Unauthorized,
    /// Too much at once.
    Overloaded,
    /// Too slow.
    Timeout,
    /// The model failed.
    Backend,
    /// The server cannot answer, or not any more.
    Unhealthy,
}

/// An error on its way out.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    pub body: ErrorBody,
}

impl ApiError {
    pub fn new(status: StatusCode, error_type: ErrorType, error: impl Into<String>) -> Self {
        Self {
            status,
            body: ErrorBody {
                error: error.into(),
                error_type,
            },
        }
    }

    /// 422: understood, and wrong.
    pub fn invalid(error: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ErrorType::Validation,
            error,
        )
    }

    /// 413: more than is taken at once.
    pub fn too_large(error: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorType::Validation, error)
    }

    /// 400: nothing to answer for.
    pub fn empty(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorType::Empty, error)
    }

    /// 500: our own failure.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorType::Backend,
            "the server failed on this request",
        )
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (status, error_type) = match &refusal {
            Refusal::Overloaded => (StatusCode::TOO_MANY_REQUESTS, ErrorType::Overloaded),
            Refusal::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, ErrorType::Validation),
            Refusal::TooLong { .. } => (StatusCode::UNPROCESSABLE_ENTITY, ErrorType::Validation),
            Refusal::Tokenizer { .. } => (StatusCode::UNPROCESSABLE_ENTITY, ErrorType::Tokenizer),
            Refusal::Late(_) => (StatusCode::SERVICE_UNAVAILABLE, ErrorType::Timeout),
            Refusal::Stopping => (StatusCode::SERVICE_UNAVAILABLE, ErrorType::Unhealthy),
            Refusal::Failed => (StatusCode::INTERNAL_SERVER_ERROR, ErrorType::Backend),
        };
        Self::new(status, error_type, refusal.to_string())
    }
}

impl From<ModelError> for ApiError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::UnknownTask { .. } => Self::invalid(error.to_string()),
            _ => Self::internal(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        with_headers(self.status, (self.status, Json(self.body)).into_response())
    }
}

/// What an error of that status has to say in its head.
pub(crate) fn with_headers(status: StatusCode, mut response: Response) -> Response {
    let headers = response.headers_mut();
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The rest of the body would be read as the next request.
        StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}
