//! `serve` as a process: it listens, answers, and ends with code 0 when asked to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::workplace::{Workplace, model};

/// A running program that serves the model of the tests.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts it on a free port.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mtnet"))
            .args([
                "--log-format",
                "json",
                "serve",
                "--port",
                "0",
                "--drain-time",
                "0.1",
            ])
            .args(arguments)
            .arg(model())
            .env_remove("MTNET_LOG")
            .env_remove("API_KEY")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let said: serde_json::Value = serde_json::from_str(&line).expect(&line);
        Self {
            child,
            address: said["listening"].as_str().expect("an address").to_owned(),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends a request with a JSON body on a connection of its own; gives the whole answer.
    pub fn ask(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    /// Asks it to stop; gives its code and its log.
    #[cfg(unix)]
    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &id]).status();
        assert!(killed.expect("kill starts").success());
        let mut log = String::new();
        let stderr = self.child.stderr.as_mut().expect("its log");
        stderr.read_to_string(&mut log).expect("text");
        (self.child.wait().expect("it ends").code(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[cfg(unix)]
#[test]
fn it_serves_until_it_is_asked_to_stop() {
    let server = Server::start(&["--served-model-name", "tiny"]);
    let answer = server.ask("POST /predict/intent", r#"{"inputs": "play canary7a91"}"#);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(r#""label":"play""#), "{answer}");
    assert!(answer.contains("x-model-sha: "), "{answer}");
    let info = server.ask("GET /info", "");
    assert!(info.contains(r#""model_id":"tiny""#), "{info}");
    assert!(server.ask("GET /", "").contains("<title>MT-Net</title>"));
    let (code, log) = server.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(
        log.contains("/predict/{task}") && log.contains("stopped"),
        "{log}"
    );
    assert!(!log.contains("canary7a91"), "{log}");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let workplace = Workplace::new();
    let folder = model().to_str().expect("text");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let message = workplace
        .mtnet(&["serve", folder, "--port", &port])
        .refused(1);
    assert!(
        message.contains("choose another with `--port`"),
        "{message}"
    );
    let message = workplace.mtnet(&["serve", folder, "--port", "0", "--max-connections", "0"]);
    let message = message.refused(2);
    assert!(message.contains("`max_connections` is 0"), "{message}");
    let message = workplace.mtnet(&["serve", "nothing"]).refused(3);
    assert!(message.contains("nothing"), "{message}");
    let message = workplace
        .mtnet(&["serve", folder, "--api-key", " "])
        .refused(2);
    assert!(message.contains("`--api-key` is empty"), "{message}");
}
