//! What README.md and docs/serving.md tell people to type: it is taken out of them and run.
//!
//! `cargo xtask` becomes the program of the tests, the model of the quick start a small one, and the
//! port one that is free. Where `curl` is installed it is asked itself; elsewhere its words are read
//! and the same request is sent. The Python of README.md is run by `benches/peers/readme_python.py`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::serve::Server;
use crate::workplace::{Workplace, copy_model};

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The part of a document below a heading, up to the next of its level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let start = text.find(&format!("\n{heading}\n")).expect(heading) + 1 + heading.len();
    let level = heading.split(' ').next().expect("a heading");
    let rest = &text[start..];
    rest.find(&format!("\n{level} "))
        .map_or(rest, |end| &rest[..end])
}

/// The fenced blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let rest = text.split(fence.as_str()).skip(1);
    rest.map(|block| block.split("\n```").next().expect("a block"))
        .collect()
}

/// Commands of a shell as words: quotes are taken off, comments left out, lines joined at `\`.
fn commands(block: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let (mut word, mut quote): (Option<String>, Option<char>) = (None, None);
    let mut letters = block.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '\\') if letters.next_if_eq(&'\n').is_some() => {}
            (None, '#') if word.is_none() => {
                while letters.next_if(|next| *next != '\n').is_some() {}
            }
            (None, ' ' | '\n') => {
                all.last_mut().expect("a command").extend(word.take());
                if letter == '\n' {
                    all.push(Vec::new());
                }
            }
            (None, _) => word.get_or_insert_default().push(letter),
        }
    }
    all.last_mut().expect("a command").extend(word.take());
    all.retain(|command| !command.is_empty());
    all
}

#[test]
fn commands_are_cut_as_a_shell_cuts_them() {
    let block =
        "curl a/b -H 'x: y' \\\n  -d '{\"a\": \"it is\"}'\n# nothing\nmtnet \"two words\"   # told";
    let words = |all: &[&str]| all.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let expected = [
        words(&["curl", "a/b", "-H", "x: y", "-d", "{\"a\": \"it is\"}"]),
        words(&["mtnet", "two words"]),
    ];
    assert_eq!(commands(block), expected);
}

/// What a `curl` command asks, if it says nothing that is not understood here.
#[derive(Debug)]
struct Request {
    path: String,
    headers: Vec<String>,
    body: String,
}

fn request(command: &[String]) -> Request {
    let mut found = Request {
        path: String::new(),
        headers: Vec::new(),
        body: String::new(),
    };
    let mut words = command[1..].iter();
    while let Some(word) = words.next() {
        let mut next = || words.next().expect("a value behind an option").clone();
        match word.as_str() {
            "-H" => found.headers.push(next()),
            "-d" => found.body = next(),
            url => {
                let path = url.strip_prefix("127.0.0.1:3000");
                found.path = path.unwrap_or_else(|| panic!("{url}")).to_owned();
            }
        }
    }
    found
}

/// Sends a documented command to a server; gives status and body.
fn ask(server: &Server, command: &[String]) -> (u16, Value) {
    let request = request(command);
    let here = |word: &String| word.replace("127.0.0.1:3000", server.address());
    let run = Command::new("curl")
        .args(["--silent", "--write-out", "\n%{http_code}"])
        .args(command[1..].iter().map(here))
        .output();
    let (status, body) = match run {
        Ok(output) => {
            let text = String::from_utf8(output.stdout).expect("text");
            let (body, status) = text.rsplit_once('\n').expect("a status");
            (status.to_owned(), body.to_owned())
        }
        Err(_) => {
            assert_eq!(request.headers, ["content-type: application/json"]);
            let answer = server.ask(&format!("POST {}", request.path), &request.body);
            let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
            let status = head.split(' ').nth(1).expect("a status");
            (status.to_owned(), body.to_owned())
        }
    };
    let body = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
    (status.parse().expect("a number"), body)
}

#[test]
fn every_documented_request_is_answered() {
    let server = Server::start(&[]);
    let readme = document("README.md");
    let serving = document("docs/serving.md");
    let mut asked = Vec::new();
    for part in [section(&readme, "## Use it"), serving.as_str()] {
        for command in blocks(part, "sh").into_iter().flat_map(commands) {
            if command[0] == "curl" {
                let (status, answer) = ask(&server, &command);
                assert_eq!(status, 200, "{command:?}: {answer}");
                asked.push((request(&command).path, answer));
            }
        }
    }
    assert_eq!(asked.len(), 4, "{asked:?}");
    for (path, answer) in &asked {
        if path == "/predict/slots" {
            assert_eq!(answer.as_array().expect("a list").len(), 2, "{answer}");
        } else {
            assert_eq!(path, "/predict");
            assert!(answer["intent"]["label"].is_string(), "{answer}");
            assert!(answer["slots"]["entities"].is_array(), "{answer}");
        }
    }
}

#[test]
fn every_documented_command_of_use_it_runs() {
    let workplace = Workplace::new();
    copy_model(&workplace);
    // The folder that README.md speaks of.
    for name in [
        "config.json",
        "model.safetensors",
        "tasks.json",
        "tokenizer.json",
    ] {
        let content = fs::read(workplace.path("model").join(name)).expect("a file of the model");
        workplace.write(&format!("runs/quickstart/model/{name}"), content);
    }
    // `MODEL` is one that transformers has a class for.
    workplace.change_run(
        "preset = \"mt-net-window\"",
        "preset = \"mt-net-mini\"\nhidden_size = 16\npooling = \"first\"",
    );
    workplace
        .mtnet(&["train", "run.toml", "--output", "bert"])
        .ok();
    let readme = document("README.md");
    let mut ran = Vec::new();
    for block in blocks(section(&readme, "## Use it"), "sh") {
        for command in commands(block) {
            let ["cargo", "xtask", verb, rest @ ..] =
                &*command.iter().map(String::as_str).collect::<Vec<_>>()
            else {
                assert_eq!(command[0], "curl", "{command:?}");
                continue;
            };
            let rest = rest.iter().map(|&word| match word {
                "MODEL" => "bert/model",
                word => word,
            });
            let mut args = vec![*verb];
            args.extend(rest);
            if *verb == "serve" {
                // A server stays: that its words are understood is seen by the refusal of the last.
                let refused = workplace.mtnet(&[&args[..], &["--max-connections", "0"]].concat());
                assert!(refused.refused(2).contains("`max_connections` is 0"));
            } else {
                workplace.mtnet(&args).ok();
            }
            ran.push((*verb).to_owned());
        }
    }
    assert_eq!(ran, ["serve", "export", "export"]);
    assert!(workplace.path("onnx/model.onnx").is_file());
    let config = fs::read(workplace.path("hf/config.json")).expect("a configuration");
    let config: Value = serde_json::from_slice(&config).expect("JSON");
    assert_eq!(config["architectures"][0], "BertForTokenClassification");
}

#[test]
fn the_rust_of_the_readme_is_the_documentation_test_of_the_crate() {
    let readme = document("README.md");
    let [told] = blocks(section(&readme, "## Use it"), "rust")[..] else {
        panic!("one block of Rust");
    };
    let tested = include_str!("../../src/lib.rs")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned() + "\n")
        .collect::<String>();
    let told = told.replace(
        "runs/quickstart/model",
        "../mtnet-model/tests/fixtures/tiny",
    );
    assert!(
        tested.contains(&format!("```\n{told}\n# Ok::")),
        "{told}\n{tested}"
    );
}
