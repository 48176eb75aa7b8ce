//! `serve`: a model behind HTTP, with a page to try it.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::model::Predictor;
use mtnet::serve::{ApiKey, ServeError, Settings, serve, tell_panics_without_text, weights_hash};
use mtnet::train::trainer::open_device;
use serde_json::json;

use super::exit::{Exit, Stop};
use super::model;
use super::output::Output;

/// Arguments of `serve`. Names and environment are those of text-embeddings-inference.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The model folder.
    model: PathBuf,
    /// Address to listen at; 0.0.0.0 lets other machines in.
    #[arg(long, env = "MTNET_HOSTNAME", default_value = "127.0.0.1")]
    hostname: IpAddr,
    /// Port to listen at; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 3000)]
    port: u16,
    /// Port of its own for /metrics, which then asks for no key.
    #[arg(long, env = "PROMETHEUS_PORT", value_name = "PORT")]
    prometheus_port: Option<u16>,
    /// Key that requests must bring as `authorization: Bearer KEY`.
    #[arg(long, env = "API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// Texts that may be in the server at once; one more gets 429.
    #[arg(
        long,
        env = "MAX_CONCURRENT_REQUESTS",
        default_value_t = 512,
        value_name = "N"
    )]
    max_concurrent_requests: usize,
    /// Tokens of a batch.
    #[arg(
        long,
        env = "MAX_BATCH_TOKENS",
        default_value_t = 16_384,
        value_name = "N"
    )]
    max_batch_tokens: usize,
    /// Texts of a batch [default: as many as the tokens allow].
    #[arg(long, env = "MAX_BATCH_REQUESTS", value_name = "N")]
    max_batch_requests: Option<usize>,
    /// Tokens that may wait; more get 429 [default: 16 batches].
    #[arg(long, env = "MAX_QUEUE_TOKENS", value_name = "N")]
    max_queue_tokens: Option<usize>,
    /// Texts of one request; more get 413.
    #[arg(
        long,
        env = "MAX_CLIENT_BATCH_SIZE",
        default_value_t = 32,
        value_name = "N"
    )]
    max_client_batch_size: usize,
    /// Bytes of a body; more get 413.
    #[arg(
        long,
        env = "PAYLOAD_LIMIT",
        default_value_t = 2_000_000,
        value_name = "BYTES"
    )]
    payload_limit: usize,
    /// Connections that are held at once.
    #[arg(
        long,
        env = "MAX_CONNECTIONS",
        default_value_t = 1024,
        value_name = "N"
    )]
    max_connections: usize,
    /// Seconds from a read body to its answer; then the request gets 503.
    #[arg(long, env = "REQUEST_TIMEOUT", default_value_t = 10.0, value_name = "SECONDS", value_parser = seconds)]
    request_timeout: f64,
    /// Seconds that accepted work has to end in after SIGTERM.
    #[arg(long, env = "SHUTDOWN_GRACE", default_value_t = 10.0, value_name = "SECONDS", value_parser = seconds)]
    shutdown_grace: f64,
    /// Seconds after SIGTERM in which /ready says 503 and connections are still taken.
    #[arg(long, env = "DRAIN_TIME", default_value_t = 1.0, value_name = "SECONDS", value_parser = seconds)]
    drain_time: f64,
    /// Texts that are tokenised at once [default: one a core].
    #[arg(long, env = "TOKENIZATION_WORKERS", value_name = "N")]
    tokenization_workers: Option<usize>,
    /// Threads that compute [default: one a core].
    #[arg(long, env = "INFERENCE_THREADS", value_name = "N")]
    inference_threads: Option<usize>,
    /// Name that /info and /v1/embeddings give [default: that of the folder].
    #[arg(long, env = "SERVED_MODEL_NAME", value_name = "NAME")]
    served_model_name: Option<String>,
    /// The same as --log-format json.
    #[arg(long, env = "JSON_OUTPUT")]
    pub json_output: bool,
    /// Where the model runs: cpu, cuda, cuda:N or metal.
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// Serves until a signal.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    tell_panics_without_text();
    let settings = settings(args)?;
    let device = open_device(&args.device)?;
    let folder = model::open(&args.model, &device)?;
    let predictor = Predictor::new(folder).with_batch_tokens(args.max_batch_tokens);
    let name = settings.model_name.clone();
    let listening = |address: SocketAddr| {
        let line = match output.is_json() {
            true => output.json(&json!({"listening": address.to_string(), "model": name})),
            false => output.line(format!(
                "{name} at http://{address} (API: http://{address}/docs); Ctrl+C stops it"
            )),
        };
        // Who does not read this is served all the same.
        drop(line);
    };
    serve(Arc::new(predictor), settings, listening).map_err(|error| match &error {
        ServeError::Setting { .. } => Stop::usage(error.to_string()),
        _ => error.into(),
    })
}

fn settings(args: &Args) -> anyhow::Result<Settings> {
    let standard = Settings::default();
    if args
        .api_key
        .as_deref()
        .is_some_and(|key| key.trim().is_empty())
    {
        return Err(Stop::usage(
            "`--api-key` is empty, expected a key; leave it away to ask for none",
        ));
    }
    let name = || {
        let folder = args.model.canonicalize().ok();
        let name = folder.as_deref().and_then(named).map(str::to_owned);
        name.unwrap_or_else(|| standard.model_name.clone())
    };
    Ok(Settings {
        address: SocketAddr::from((args.hostname, args.port)),
        metrics_address: args
            .prometheus_port
            .map(|port| SocketAddr::from((args.hostname, port))),
        max_concurrent_requests: args.max_concurrent_requests,
        max_batch_tokens: args.max_batch_tokens,
        max_batch_requests: args.max_batch_requests,
        max_queue_tokens: args
            .max_queue_tokens
            .unwrap_or(args.max_batch_tokens.saturating_mul(16)),
        max_client_batch_size: args.max_client_batch_size,
        payload_limit: args.payload_limit,
        max_connections: args.max_connections,
        request_timeout: Duration::from_secs_f64(args.request_timeout),
        shutdown_grace: Duration::from_secs_f64(args.shutdown_grace),
        drain_time: Duration::from_secs_f64(args.drain_time),
        api_key: args.api_key.as_deref().map(ApiKey::new),
        inference_threads: args.inference_threads.unwrap_or(standard.inference_threads),
        tokenization_workers: args
            .tokenization_workers
            .unwrap_or(standard.tokenization_workers),
        model_name: args.served_model_name.clone().unwrap_or_else(name),
        model_sha: Some(weights_hash(&args.model).with_context(|| Stop {
            exit: Exit::Data,
            message: format!("cannot open model folder {}", args.model.display()),
        })?),
        ..standard
    })
}

/// The folder's name; of `runs/assistant/model` that of the run.
fn named(folder: &Path) -> Option<&str> {
    let name = folder.file_name()?.to_str()?;
    match name {
        "model" => folder.parent()?.file_name()?.to_str(),
        name => Some(name),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|error| format!("{error}"))?;
    match (0.0..=86_400.0).contains(&seconds) {
        true => Ok(seconds),
        false => Err("expected from 0 to 86400".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_the_name_of_its_run() {
        assert_eq!(named(Path::new("/runs/assistant/model")), Some("assistant"));
        assert_eq!(named(Path::new("/models/bert-tiny")), Some("bert-tiny"));
    }

    #[test]
    fn seconds_are_numbers_within_a_day() {
        assert_eq!(seconds("0.5"), Ok(0.5));
        for text in ["-1", "nan", "inf", "1e9", "ten"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
