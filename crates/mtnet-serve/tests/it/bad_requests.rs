//! Requests that are wrong: exact codes for written ones, and thousands of mutants.

use std::io::Read as _;
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use mtnet_serve::{ApiKey, Settings, start};
use serde_json::json;

use crate::figure;

use super::client::{Client, get};
use super::model::{Disturbed, Draws, server, settings};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A code, then method, path, headers, body, and what the answer says.
type Case<'a> = (
    u16,
    &'a str,
    &'a str,
    &'a [(&'a str, &'a str)],
    &'a str,
    &'a str,
);

#[test]
fn r23_written_mistakes_have_their_codes() {
    let server = server();
    let deep = "[".repeat(200);
    let many = json!({"inputs": vec!["a"; 33]}).to_string();
    let large = format!("{{\"inputs\": \"{}\"}}", "a".repeat(2_000_001));
    let cases: [Case<'_>; 19] = [
        (400, "POST", "/predict", &[JSON], "", "EOF while parsing"),
        (
            400,
            "POST",
            "/predict",
            &[JSON],
            "{\"inputs\": ",
            "line 1 column 11",
        ),
        (400, "POST", "/predict", &[JSON], &deep, "recursion limit"),
        (
            400,
            "POST",
            "/predict",
            &[JSON],
            "{\"inputs\": []}",
            "empty list",
        ),
        (
            400,
            "POST",
            "/embed",
            &[JSON],
            "{\"inputs\": [\"a\", \"\"]}",
            "input 1 is empty",
        ),
        (
            404,
            "POST",
            "/predicts",
            &[JSON],
            "{}",
            "`/docs` lists the routes",
        ),
        (
            404,
            "POST",
            "/predict/mod",
            &[JSON],
            "{\"inputs\": \"a\"}",
            "it has intent, slots",
        ),
        (405, "GET", "/predict", &[], "", "does not take GET"),
        (405, "DELETE", "/info", &[], "", "does not take DELETE"),
        (
            413,
            "POST",
            "/predict",
            &[JSON],
            &many,
            "33 inputs, expected at most 32",
        ),
        (
            413,
            "POST",
            "/predict",
            &[JSON],
            &large,
            "at most 2000000 bytes",
        ),
        (
            415,
            "POST",
            "/predict",
            &[],
            "{\"inputs\": \"a\"}",
            "application/json",
        ),
        (
            415,
            "POST",
            "/predict",
            &[("content-type", "text/plain")],
            "{\"inputs\": \"a\"}",
            "application/json",
        ),
        (
            422,
            "POST",
            "/predict",
            &[JSON],
            "{}",
            "missing field `inputs`",
        ),
        (
            422,
            "POST",
            "/predict",
            &[JSON],
            "{\"inputs\": 3}",
            "`inputs` is a number",
        ),
        (
            422,
            "POST",
            "/predict",
            &[JSON],
            "{\"inputs\": \"a\", \"taks\": 1}",
            "unknown field `taks`",
        ),
        (
            422,
            "POST",
            "/predict",
            &[JSON],
            "{\"inputs\": \"a\", \"task\": \"nope\"}",
            "no task `nope`",
        ),
        (
            422,
            "POST",
            "/predict",
            &[JSON],
            "{\"inputs\": \"a\", \"tasks\": []}",
            "`tasks` is empty",
        ),
        (
            422,
            "POST",
            "/v1/embeddings",
            &[JSON],
            "{\"input\": [1, 2]}",
            "token ids",
        ),
    ];
    for (status, method, path, headers, body, expected) in cases {
        let mut client = Client::connect(server);
        let answer = client
            .ask(method, path, headers, body.as_bytes())
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let message = answer.refused(status);
        assert!(message.contains(expected), "{method} {path}: {message}");
    }
    figure("R23", "19 of 19 written mistakes with their codes");
}

#[test]
fn a_missing_key_and_a_slow_body_have_their_codes() {
    let guarded = Settings {
        api_key: Some(ApiKey::new("k")),
        body_timeout: Duration::from_millis(100),
        ..settings()
    };
    let server = start(Disturbed::new(None), guarded).unwrap();
    get(server.address, "/info").refused(401);
    let mut client = Client::connect(server.address);
    let head = "POST /predict HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n\
                content-type: application/json\r\ncontent-length: 20\r\n\r\n{\"inp";
    client.write(head.as_bytes()).unwrap();
    let answer = client.read().unwrap();
    assert!(answer.refused(408).contains("did not arrive within 100ms"));
    assert_eq!(answer.header("connection"), Some("close"));
}

/// Bodies that are right, to be spoiled.
const BODIES: [(&str, &str); 8] = [
    (
        "/predict",
        r#"{"inputs": "play Björk 巴赫", "tasks": ["intent", "slots"], "truncate": true}"#,
    ),
    (
        "/predict",
        r#"{"inputs": [["a", "b"], {"text": "c", "text_b": "d"}, {"tokens": ["e"]}]}"#,
    ),
    (
        "/predict/slots",
        r#"{"inputs": ["a \u00e9 \ud83d\ude00", "b"], "raw_scores": true}"#,
    ),
    (
        "/predict",
        r#"{"inputs": "x", "task": "mood", "truncation_direction": "right"}"#,
    ),
    (
        "/embed",
        r#"{"inputs": ["a"], "normalize": false, "truncate": null}"#,
    ),
    (
        "/v1/embeddings",
        r#"{"input": ["a", "b"], "model": "m", "encoding_format": "base64"}"#,
    ),
    (
        "/similarity",
        r#"{"inputs": {"source_sentence": "a", "sentences": ["b", "c"]}}"#,
    ),
    (
        "/tokenize",
        r#"{"inputs": "a b", "add_special_tokens": false}"#,
    ),
];

const PIECES: [&str; 16] = [
    "null",
    "true",
    "-1e999",
    "\"\"",
    "[]",
    "{}",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "\u{feff}",
    "\"inputs\":",
    "[[",
    "]]",
    "1e-320",
    "\"task\": 1,",
    "\u{0}",
];

fn spoil(body: &str, draws: &mut Draws) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    for _ in 0..=draws.below(4) {
        let at = draws.below(bytes.len() + 1);
        match draws.below(6) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] = draws.next() as u8,
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => {
                let piece = draws.one(&PIECES).as_bytes();
                drop(bytes.splice(at..at, piece.iter().copied()));
            }
            4 => {
                let end = (at + draws.below(12)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, copy));
            }
            _ if at < bytes.len() => bytes[at] ^= 1 << draws.below(8),
            _ => bytes.push(b'x'),
        }
    }
    bytes
}

#[test]
fn r23_ten_thousand_spoiled_requests_break_nothing() {
    let server = server();
    let mut draws = Draws(23);
    let mut client = Client::connect(server);
    let mut codes = std::collections::BTreeMap::<u16, usize>::new();
    for number in 0..10_000 {
        let (path, body) = draws.one(&BODIES);
        let path = match draws.below(20) {
            0 => "/predict/%00%ff",
            1 => "/predict/../info",
            _ => path,
        };
        let kind = *draws.one(&["application/json"; 9]);
        let kind = if draws.below(30) == 0 {
            "text/html"
        } else {
            kind
        };
        let method = *draws.one(&["POST"; 12]);
        let method = if draws.below(30) == 0 { "PUT" } else { method };
        let body = spoil(body, &mut draws);
        let answer = client
            .ask(method, path, &[("content-type", kind)], &body)
            .unwrap_or_else(|error| panic!("request {number}: {error}"));
        *codes.entry(answer.status).or_default() += 1;
        assert!(
            answer.status < 500 || answer.status == 503,
            "request {number}: {} for {}",
            answer.status,
            String::from_utf8_lossy(&body)
        );
        if answer.header("connection") == Some("close") {
            client = Client::connect(server);
        }
    }
    // The mutants are neither all refused nor all accepted.
    for status in [200, 400, 404, 405, 415, 422] {
        assert!(
            codes.get(&status).is_some_and(|&count| count > 10),
            "{codes:?}"
        );
    }
    assert_eq!(get(server, "/health").status, 200);
    let counts: Vec<String> = codes
        .iter()
        .map(|(code, count)| format!("{code} {count} times"))
        .collect();
    let text = format!("10,000 bodies: no 5xx but 503 ({})", counts.join(", "));
    figure("R23", &text);
}

#[test]
fn r23_spoiled_heads_break_nothing() {
    let quick = Settings {
        header_timeout: Duration::from_millis(200),
        body_timeout: Duration::from_millis(200),
        ..settings()
    };
    let server = start(Disturbed::new(None), quick).unwrap();
    let head = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 15\r\nx-request-id: a\r\n\r\n{\"inputs\": \"a\"}";
    let mut draws = Draws(24);
    for _ in 0..500 {
        let bytes = spoil(head, &mut draws);
        let mut stream = TcpStream::connect(server.address).unwrap();
        let limit = Some(Duration::from_secs(60));
        stream.set_read_timeout(limit).unwrap();
        let _ = std::io::Write::write_all(&mut stream, &bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse::<u16>().ok());
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            status.is_none_or(|status| status < 500 || status == 503),
            "{text}\n{answer}"
        );
    }
    assert_eq!(get(server.address, "/health").status, 200);
    figure("R23", "500 heads: no 5xx but 503, the server alive");
}
