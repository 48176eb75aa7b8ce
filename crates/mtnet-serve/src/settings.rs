//! Limits, times and addresses of a server. Names and defaults are those of
//! text-embeddings-inference where it has them.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::ServeError;

/// How a server behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens. Default `127.0.0.1:3000`: this machine only.
    pub address: SocketAddr,
    /// Where metrics are served instead of `/metrics` of the main address.
    pub metrics_address: Option<SocketAddr>,
    /// Texts that may be in the server at once; one more is refused with 429. Default 512.
    pub max_concurrent_requests: usize,
    /// Tokens of a batch. Default 16384.
    pub max_batch_tokens: usize,
    /// Texts of a batch. Default: as many as the tokens allow.
    pub max_batch_requests: Option<usize>,
    /// Tokens that may wait; more are refused with 429. Default 262144.
    pub max_queue_tokens: usize,
    /// Texts of one request; more are refused with 413. Default 32.
    pub max_client_batch_size: usize,
    /// Bytes of a body; more are refused with 413. Default 2,000,000.
    pub payload_limit: usize,
    /// Connections that are held at once; more wait to be accepted. Default 1024.
    pub max_connections: usize,
    /// From a read body to the answer; then the request gets 503. Default 10 s.
    pub request_timeout: Duration,
    /// For the head of a request, and between requests; then the connection is closed. Default 10 s.
    pub header_timeout: Duration,
    /// For the body of a request; then it gets 408. Default 10 s.
    pub body_timeout: Duration,
    /// After a signal, how long `/ready` says 503 while connections are still accepted. Default 1 s.
    pub drain_time: Duration,
    /// After a signal, how long accepted work may take to end, the draining included. Default 10 s.
    pub shutdown_grace: Duration,
    /// Who asks must know it. Default: nobody needs a key.
    pub api_key: Option<ApiKey>,
    /// Threads that compute. Default: one a core.
    pub inference_threads: usize,
    /// Texts that are tokenised at once. Default: one a core.
    pub tokenization_workers: usize,
    /// The name that `/info` and `/v1/embeddings` give. Default `mtnet`.
    pub model_name: String,
    /// SHA-256 of the weights, for `/info` and the header `x-model-sha`.
    pub model_sha: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 3000)),
            metrics_address: None,
            max_concurrent_requests: 512,
            max_batch_tokens: 16_384,
            max_batch_requests: None,
            max_queue_tokens: 262_144,
            max_client_batch_size: 32,
            payload_limit: 2_000_000,
            max_connections: 1024,
            request_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            drain_time: Duration::from_secs(1),
            shutdown_grace: Duration::from_secs(10),
            api_key: None,
            inference_threads: cores,
            tokenization_workers: cores,
            model_name: "mtnet".to_owned(),
            model_sha: None,
        }
    }
}

impl Settings {
    /// Refuses what would leave a server that answers nobody.
    pub(crate) fn check(&self) -> Result<(), ServeError> {
        for (setting, found) in [
            ("max_concurrent_requests", self.max_concurrent_requests),
            ("max_batch_tokens", self.max_batch_tokens),
            ("max_batch_requests", self.max_batch_requests.unwrap_or(1)),
            ("max_client_batch_size", self.max_client_batch_size),
            ("payload_limit", self.payload_limit),
            ("max_connections", self.max_connections),
            ("inference_threads", self.inference_threads),
            ("tokenization_workers", self.tokenization_workers),
        ] {
            // The upper end is what a semaphore holds.
            if found == 0 || found > tokio::sync::Semaphore::MAX_PERMITS.min(u32::MAX as usize) {
                return Err(ServeError::Setting {
                    setting,
                    found: found.to_string(),
                    expected: "from 1 to 4,294,967,295".to_owned(),
                });
            }
        }
        if self.max_queue_tokens < self.max_batch_tokens {
            return Err(ServeError::Setting {
                setting: "max_queue_tokens",
                found: self.max_queue_tokens.to_string(),
                expected: format!(
                    "at least the {} of `max_batch_tokens`: a longest text must fit",
                    self.max_batch_tokens
                ),
            });
        }
        Ok(())
    }
}

/// A key that requests must bring. Only its hash is kept, and nothing prints it.
#[derive(Clone)]
pub struct ApiKey([u8; 32]);

impl ApiKey {
    /// Takes a key.
    pub fn new(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Whether `key` is this one. The time that takes tells nothing of how much of it is right.
    pub(crate) fn is(&self, key: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(key).into();
        self.0.ct_eq(&digest).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_itself_only_and_never_printed() {
        let key = ApiKey::new("open sesame");
        assert!(key.is(b"open sesame"));
        for other in [&b""[..], b"open sesam", b"open sesame ", b"Open sesame"] {
            assert!(!key.is(other));
        }
        assert!(!format!("{key:?}").contains("sesame"));
    }

    #[test]
    fn settings_that_serve_nobody_are_refused() {
        assert!(Settings::default().check().is_ok());
        let none = Settings {
            max_connections: 0,
            ..Settings::default()
        };
        assert_eq!(
            none.check().unwrap_err().to_string(),
            "`max_connections` is 0, expected from 1 to 4,294,967,295"
        );
        let small = Settings {
            max_queue_tokens: 10,
            ..Settings::default()
        };
        assert!(
            small
                .check()
                .unwrap_err()
                .to_string()
                .contains("`max_batch_tokens`")
        );
    }
}
