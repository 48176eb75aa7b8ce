//! A name for each request: the client's `x-request-id`, or one made here.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::app::App;

/// The header, of requests and of answers.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// The client's id if it is visible ASCII of at most 128 bytes, else a new one.
pub(super) fn request_id(headers: &HeaderMap, app: &App) -> HeaderValue {
    let given = headers.get(&X_REQUEST_ID).filter(|value| {
        let bytes = value.as_bytes();
        (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
    });
    let made = || {
        let id = format!("{:08x}-{:08x}", process(), app.next_request());
        HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("unnamed"))
    };
    given.cloned().unwrap_or_else(made)
}

/// Tells this process from the ones before it: the milliseconds of its start.
fn process() -> u32 {
    static PROCESS: OnceLock<u32> = OnceLock::new();
    *PROCESS.get_or_init(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.unwrap_or_default().as_millis() as u32 ^ std::process::id().rotate_left(16)
    })
}
