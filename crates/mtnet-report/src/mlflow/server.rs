//! The calls to a tracking server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::ReportError;

/// Where a server listens that was started without an address.
const DEFAULT_ADDRESS: &str = "http://127.0.0.1:5000";
/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What a call holds at most of metrics, and of parameters.
const METRICS_A_CALL: usize = 1_000;
const PARAMETERS_A_CALL: usize = 100;

/// A tracking server.
#[derive(Clone, Debug)]
pub struct MlflowServer {
    address: String,
    authorization: Option<String>,
    agent: ureq::Agent,
}

/// What became of a run, in MLflow's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MlflowStatus {
    /// It goes on.
    Running,
    /// It came to its end.
    Finished,
    /// A signal stopped it.
    Killed,
    /// An error stopped it.
    Failed,
}

/// One number of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Metric {
    pub name: String,
    pub value: f64,
    pub step: u64,
    /// Milliseconds since 1970.
    pub timestamp: u64,
}

impl MlflowServer {
    /// The server at an address such as `http://127.0.0.1:5000`, and the `authorization` header that it
    /// wants, if it wants one.
    pub fn new(address: &str, authorization: Option<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        Self {
            address: address.trim_end_matches('/').to_owned(),
            authorization,
            agent: config.into(),
        }
    }

    /// The server that the variables of MLflow's own clients name: `MLFLOW_TRACKING_URI`, and
    /// `MLFLOW_TRACKING_TOKEN` or `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`.
    pub fn from_env() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let bearer = set("MLFLOW_TRACKING_TOKEN").map(|token| format!("Bearer {token}"));
        let basic = || {
            let user = set("MLFLOW_TRACKING_USERNAME")?;
            let password = set("MLFLOW_TRACKING_PASSWORD").unwrap_or_default();
            let pair = STANDARD.encode(format!("{user}:{password}"));
            Some(format!("Basic {pair}"))
        };
        let address = set("MLFLOW_TRACKING_URI");
        let address = address.as_deref().unwrap_or(DEFAULT_ADDRESS);
        Self::new(address, bearer.or_else(basic))
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The experiment of that name, made where there is none: its id.
    ///
    /// # Errors
    /// [`ReportError::Mlflow`] if the server does not answer or refuses.
    pub fn experiment(&self, name: &str) -> Result<String, ReportError> {
        if let Some(found) = self.find_experiment(name)? {
            return Ok(found);
        }
        let (status, answer) = self.post("experiments/create", &json!({ "name": name }))?;
        if status.is_success() {
            return self.text(&answer, "/experiment_id");
        }
        // Another run may have made it meanwhile.
        match self.find_experiment(name)? {
            Some(found) => Ok(found),
            None => Err(self.refused("experiments/create", status, &answer)),
        }
    }

    fn find_experiment(&self, name: &str) -> Result<Option<String>, ReportError> {
        let call = "experiments/get-by-name";
        let request = self
            .agent
            .get(self.url(call))
            .query("experiment_name", name);
        let (status, answer) = self.answer(self.authorized(request).call())?;
        match status {
            StatusCode::NOT_FOUND if answer["error_code"] == "RESOURCE_DOES_NOT_EXIST" => Ok(None),
            _ if status.is_success() => self.text(&answer, "/experiment/experiment_id").map(Some),
            _ => Err(self.refused(call, status, &answer)),
        }
    }

    /// Starts a run: its id.
    ///
    /// # Errors
    /// [`ReportError::Mlflow`] if the server does not answer or refuses.
    pub fn create_run(&self, experiment: &str, name: &str) -> Result<String, ReportError> {
        let version = env!("CARGO_PKG_VERSION");
        let body = json!({
            "experiment_id": experiment,
            "run_name": name,
            "start_time": now(),
            "tags": [{ "key": "mtnet.version", "value": version }],
        });
        let answer = self.ask("runs/create", &body)?;
        self.text(&answer, "/run/info/run_id")
    }

    /// Sets parameters of a run. Setting one again to the same value changes nothing.
    ///
    /// # Errors
    /// [`ReportError::Mlflow`] if the server does not answer or refuses.
    pub fn log_parameters(
        &self,
        run: &str,
        parameters: &[(String, String)],
    ) -> Result<(), ReportError> {
        for parameters in parameters.chunks(PARAMETERS_A_CALL) {
            let parameters: Vec<Value> = parameters
                .iter()
                .map(|(key, value)| json!({ "key": key, "value": value }))
                .collect();
            let body = json!({ "run_id": run, "params": parameters });
            self.ask("runs/log-batch", &body)?;
        }
        Ok(())
    }

    pub(super) fn log_metrics(&self, run: &str, metrics: &[Metric]) -> Result<(), ReportError> {
        for metrics in metrics.chunks(METRICS_A_CALL) {
            let metrics: Vec<Value> = metrics
                .iter()
                .map(|metric| {
                    json!({
                        "key": metric.name,
                        "value": number(metric.value),
                        "timestamp": metric.timestamp,
                        "step": metric.step,
                    })
                })
                .collect();
            let body = json!({ "run_id": run, "metrics": metrics });
            self.ask("runs/log-batch", &body)?;
        }
        Ok(())
    }

    /// Says what became of a run.
    ///
    /// # Errors
    /// [`ReportError::Mlflow`] if the server does not answer or refuses, such as for a run that it
    /// does not know.
    pub fn update_run(&self, run: &str, status: MlflowStatus) -> Result<(), ReportError> {
        let name = match status {
            MlflowStatus::Running => "RUNNING",
            MlflowStatus::Finished => "FINISHED",
            MlflowStatus::Killed => "KILLED",
            MlflowStatus::Failed => "FAILED",
        };
        let mut body = json!({ "run_id": run, "status": name });
        if status != MlflowStatus::Running {
            body["end_time"] = json!(now());
        }
        self.ask("runs/update", &body).map(|_| ())
    }

    fn ask(&self, call: &str, body: &Value) -> Result<Value, ReportError> {
        let (status, answer) = self.post(call, body)?;
        match status.is_success() {
            true => Ok(answer),
            false => Err(self.refused(call, status, &answer)),
        }
    }

    fn post(&self, call: &str, body: &Value) -> Result<(StatusCode, Value), ReportError> {
        let request = self.agent.post(self.url(call));
        let request = request.header("content-type", "application/json");
        self.answer(self.authorized(request).send(body.to_string()))
    }

    fn url(&self, call: &str) -> String {
        format!("{}/api/2.0/mlflow/{call}", self.address)
    }

    fn authorized<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match &self.authorization {
            Some(authorization) => request.header("authorization", authorization),
            None => request,
        }
    }

    fn answer(
        &self,
        sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<(StatusCode, Value), ReportError> {
        let mut response = sent.map_err(|error| self.error(format!("does not answer: {error}")))?;
        let text = response.body_mut().read_to_string();
        let text = text.map_err(|error| self.error(format!("breaks off its answer: {error}")))?;
        // What is no JSON comes from a proxy or another program; the status says enough of it.
        Ok((
            response.status(),
            serde_json::from_str(&text).unwrap_or_default(),
        ))
    }

    fn text(&self, answer: &Value, pointer: &str) -> Result<String, ReportError> {
        let text = answer.pointer(pointer).and_then(Value::as_str);
        let lacks = || self.error(format!("answers without `{pointer}`: is it MLflow?"));
        text.map(str::to_owned).ok_or_else(lacks)
    }

    fn refused(&self, call: &str, status: StatusCode, answer: &Value) -> ReportError {
        let reason = answer["message"].as_str().unwrap_or("no reason given");
        self.error(format!("refuses {call} with {status}: {reason}"))
    }

    fn error(&self, what: String) -> ReportError {
        ReportError::Mlflow {
            address: self.address.clone(),
            what,
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

/// A number as the JSON of protocol buffers has it, which knows names for what JSON has none for.
fn number(value: f64) -> Value {
    match value {
        _ if value.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        _ => json!(value),
    }
}
