//! Downloads from a hub on this machine: whole snapshots or nothing.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use mtnet_encoders::{HubCache, HubDownload};

/// A hub with these files of `me/tiny`, that answers `requests` times; gives its address.
fn hub(files: &'static [(&'static str, &'static str)], requests: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().take(requests) {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            let wanted = first.split(' ').nth(1).unwrap().to_owned();
            let found = files
                .iter()
                .find(|(name, _)| wanted == format!("/me/tiny/resolve/main/{name}"));
            let (status, body) = match found {
                Some((_, body)) => ("200 OK", *body),
                None => ("404 Not Found", ""),
            };
            let head = format!(
                "content-length: {}\r\nconnection: close\r\nx-repo-commit: abc123",
                body.len()
            );
            write!(stream, "HTTP/1.1 {status}\r\n{head}\r\n\r\n{body}").unwrap();
        }
    });
    address
}

#[test]
fn a_model_lands_whole_in_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let cache = HubCache::new(folder.path());
    let address = hub(
        &[
            ("config.json", "{}"),
            ("tokenizer.json", "[]"),
            ("model.safetensors", "weights"),
            ("1_Pooling/config.json", "{}"),
        ],
        5,
    );
    let snapshot = HubDownload::new(address, None)
        .fetch("me/tiny", &cache)
        .unwrap();
    assert_eq!(snapshot, cache.snapshot("me/tiny").unwrap());
    assert!(snapshot.ends_with("snapshots/abc123"));
    assert_eq!(
        std::fs::read_to_string(snapshot.join("model.safetensors")).unwrap(),
        "weights"
    );
    assert!(snapshot.join("1_Pooling/config.json").is_file());
    assert!(!snapshot.join("tokenizer_config.json").exists());
}

#[test]
fn a_model_that_lacks_a_file_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let cache = HubCache::new(folder.path());
    let address = hub(&[("config.json", "{}"), ("tokenizer.json", "[]")], 3);
    let message = HubDownload::new(address, None)
        .fetch("me/tiny", &cache)
        .unwrap_err();
    assert!(message.contains("has no model.safetensors"), "{message}");
    assert!(cache.snapshot("me/tiny").is_err());
    let left = std::fs::read_dir(folder.path().join("models--me--tiny"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
    let message = HubDownload::new("http://127.0.0.1:1", None)
        .fetch("../x", &cache)
        .unwrap_err();
    assert!(message.contains("no hub name"), "{message}");
}
