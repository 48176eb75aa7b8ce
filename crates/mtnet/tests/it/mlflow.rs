//! A run that tells MLflow its numbers, with a server of this test in MLflow's place.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::workplace::{Outcome, Workplace};

/// A call: what it asks for, and its body.
type Call = (String, Value);

/// Answers as MLflow does and keeps what it was asked.
struct Server {
    address: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Server {
    /// Refuses metrics where `refuses`.
    fn start(refuses: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&calls);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || serve(&stream.unwrap(), refuses, &kept));
            }
        });
        Self { address, calls }
    }

    fn train(&self, workplace: &Workplace, args: &[&str]) -> Outcome {
        let all = [&["train", "run.toml", "--output", "runs/a"], args].concat();
        self.told_by(&mut workplace.command(&all))
    }

    fn told_by(&self, command: &mut Command) -> Outcome {
        command.env("MLFLOW_TRACKING_URI", &self.address);
        command.env("MLFLOW_TRACKING_TOKEN", "secret");
        command.env_remove("MLFLOW_EXPERIMENT_NAME");
        let output = command.output().unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn named(&self, name: &str) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        let named = calls.iter().filter(|(call, _)| call.contains(name));
        named.map(|(_, body)| body.clone()).collect()
    }

    /// Value of a metric by step.
    fn metric(&self, name: &str) -> Vec<(u64, f64)> {
        let batches = self.named("log-batch");
        let metrics = batches
            .iter()
            .filter_map(|body| body["metrics"].as_array())
            .flatten();
        let of_name = metrics.filter(|metric| metric["key"] == name);
        let pair = |metric: &Value| {
            (
                metric["step"].as_u64().unwrap(),
                metric["value"].as_f64().unwrap(),
            )
        };
        of_name.map(pair).collect()
    }
}

/// Requests of one connection, one after the other.
fn serve(stream: &TcpStream, refuses: bool, calls: &Mutex<Vec<Call>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let (mut length, mut has_key) = (0, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            has_key |= line == "authorization: bearer secret";
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let metrics = body["metrics"].is_array();
        let (status, answer) = match first.split(['?', ' ']).nth(1).unwrap() {
            _ if !has_key => ("401 Unauthorized", json!({ "message": "no key" })),
            "/api/2.0/mlflow/experiments/get-by-name" => (
                "404 Not Found",
                json!({ "error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none" }),
            ),
            "/api/2.0/mlflow/experiments/create" => ("200 OK", json!({ "experiment_id": "7" })),
            "/api/2.0/mlflow/runs/create" => {
                ("200 OK", json!({ "run": { "info": { "run_id": "abc" } } }))
            }
            "/api/2.0/mlflow/runs/log-batch" if metrics && refuses => {
                ("400 Bad Request", json!({ "message": "no more room" }))
            }
            _ => ("200 OK", json!({})),
        };
        calls.lock().unwrap().push((first, body));
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        let mut stream = stream;
        stream.write_all((head + &answer).as_bytes()).unwrap();
    }
}

const TO_MLFLOW: &str = "train.report_to=[\"mlflow\"]";

#[test]
fn numbers_settings_and_the_end_arrive() {
    let (workplace, server) = (Workplace::new(), Server::start(false));
    server
        .train(&workplace, &[TO_MLFLOW, "train.logging_steps=1"])
        .ok();
    assert!(server.named("get-by-name?experiment_name=tiny")[0].is_null());
    assert_eq!(server.named("experiments/create")[0]["name"], "tiny");
    let created = &server.named("runs/create")[0];
    assert_eq!(
        (&created["experiment_id"], &created["run_name"]),
        (&json!("7"), &json!("a"))
    );
    let settings: Vec<Value> = server
        .named("log-batch")
        .iter()
        .filter_map(|body| body["params"].as_array().cloned())
        .flatten()
        .collect();
    for (key, value) in [
        ("train.max_steps", "4"),
        ("task.slots.head.type", "token-classification"),
    ] {
        let pair = json!({ "key": key, "value": value });
        assert!(settings.contains(&pair), "{pair} in {settings:?}");
    }
    let losses = server.metric("loss/intent");
    assert_eq!(
        losses.iter().map(|pair| pair.0).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert!(losses.iter().all(|pair| pair.1 > 0.0));
    assert_eq!(server.metric("test_accuracy/intent").len(), 1);
    let updates = server.named("runs/update");
    let states: Vec<&Value> = updates.iter().map(|body| &body["status"]).collect();
    assert_eq!(states, ["RUNNING", "FINISHED"]);
    assert!(updates.iter().all(|body| body["run_id"] == "abc"));
}

#[test]
fn a_run_that_goes_on_is_the_same_run() {
    let (workplace, server) = (Workplace::new(), Server::start(false));
    let steps = ["train.save_steps=2", "train.save_total_limit=9"];
    server
        .train(&workplace, &[TO_MLFLOW, steps[0], steps[1]])
        .ok();
    // As it was after two steps.
    fs::remove_dir_all(workplace.path("runs/a/checkpoint-4")).unwrap();
    let mut resumed = workplace.command(&["train", "--resume", "runs/a"]);
    let resumed = server.told_by(&mut resumed);
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);
    assert_eq!(server.named("runs/create").len(), 1);
    let states: Vec<Value> = server
        .named("runs/update")
        .iter()
        .map(|body| body["status"].clone())
        .collect();
    assert_eq!(states, ["RUNNING", "FINISHED", "RUNNING", "FINISHED"]);
}

#[test]
fn a_server_that_refuses_ends_no_run_and_one_that_is_not_there_begins_none() {
    let (workplace, server) = (Workplace::new(), Server::start(true));
    let outcome = server.train(&workplace, &[TO_MLFLOW]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("no more room"),
        "{}",
        outcome.stderr
    );
    assert!(workplace.path("runs/a/results.json").exists());

    let workplace = Workplace::new();
    let nobody = Server {
        address: "http://127.0.0.1:1".to_owned(),
        calls: Arc::default(),
    };
    let outcome = nobody.train(&workplace, &[TO_MLFLOW]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    for part in [
        "http://127.0.0.1:1",
        "does not answer",
        "MLFLOW_TRACKING_URI",
    ] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}
