//! Clients that hold connections and send next to nothing.

use std::time::Duration;

use mtnet_serve::{Settings, start};
use serde_json::json;

use crate::figure;

use super::client::{Client, post};
use super::model::{Disturbed, metric, settings, wait_for};

#[test]
fn r25_slow_clients_are_closed_and_hold_nobody_up() {
    let quick = Settings {
        header_timeout: Duration::from_millis(300),
        body_timeout: Duration::from_millis(300),
        ..settings()
    };
    let server = start(Disturbed::new(None), quick).unwrap();
    let head = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let mut half_heads: Vec<Client> = Vec::new();
    let mut half_bodies: Vec<Client> = Vec::new();
    for _ in 0..20 {
        let mut client = Client::connect(server.address);
        client.write(head.as_bytes()).unwrap();
        half_heads.push(client);
        let mut client = Client::connect(server.address);
        client.write(head.as_bytes()).unwrap();
        client
            .write(b"content-length: 1000\r\n\r\n{\"inputs\"")
            .unwrap();
        half_bodies.push(client);
    }
    for _ in 0..10 {
        post(server.address, "/predict", &json!({"inputs": "play Bach"})).ok();
    }
    for client in &mut half_heads {
        assert!(client.is_closed());
    }
    for client in &mut half_bodies {
        client.read().unwrap().refused(408);
        assert!(client.is_closed());
    }
    wait_for("the connections to go", || {
        metric(server.address, "mtnet_connections") <= 1.0
    });
    figure(
        "R25",
        "40 of 40 half heads and bodies closed at their limit, 10 of 10 healthy requests beside them \
         answered",
    );
}

#[test]
fn r25_connections_above_the_cap_wait_for_their_turn() {
    let narrow = Settings {
        max_connections: 2,
        ..settings()
    };
    let server = start(Disturbed::new(None), narrow).unwrap();
    let mut held = [
        Client::connect(server.address),
        Client::connect(server.address),
    ];
    for client in &mut held {
        client.ask("GET", "/health", &[], b"").unwrap();
    }
    let address = server.address;
    let third =
        std::thread::spawn(move || post(address, "/predict", &json!({"inputs": "a"})).status);
    // Both that are held still work; the third is answered once one of them ends.
    let [mut first, second] = held;
    let metrics = first.ask("GET", "/metrics", &[], b"").unwrap();
    assert!(String::from_utf8_lossy(&metrics.body).contains("mtnet_connections 2\n"));
    assert!(!third.is_finished());
    drop(second);
    assert_eq!(third.join().unwrap(), 200);
    figure(
        "R25",
        "the cap on connections kept, who waits is served next",
    );
}
