//! The end of a server: nobody who was let in goes without an answer.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use mtnet_serve::{Settings, start};
use serde_json::json;

use crate::figure;

use super::client::{Client, get, post};
use super::model::{Disturbed, predictor, settings, wait_for};

/// Asks on kept connections until nobody listens. Gives the requests that were sent and not
/// answered.
fn ask_until_closed(address: SocketAddr, answered: &AtomicUsize) -> usize {
    let body = json!({"inputs": "play some Adele"});
    let mut lost = 0;
    while TcpStream::connect(address).is_ok() {
        let Ok(stream) = TcpStream::connect(address) else {
            break;
        };
        drop(stream);
        let mut client = Client::connect(address);
        for request in 0.. {
            match client.post("/predict", &body) {
                Ok(answer) => {
                    answered.fetch_add(1, Ordering::Relaxed);
                    assert!(
                        matches!(answer.status, 200 | 429 | 503),
                        "{}",
                        answer.status
                    );
                    if answer.header("connection") == Some("close") {
                        break;
                    }
                }
                // A connection that the server never took promised nothing.
                Err(_) if request == 0 => break,
                Err(_) => {
                    lost += 1;
                    break;
                }
            }
        }
    }
    lost
}

#[test]
fn r26_five_stops_under_load_leave_nobody_unanswered() {
    let mut all = 0;
    for _ in 0..5 {
        let patient = Settings {
            drain_time: Duration::from_millis(150),
            ..settings()
        };
        let mut server = start(Arc::new(predictor()), patient).unwrap();
        let address = server.address;
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let answered = Arc::clone(&answered);
                thread::spawn(move || ask_until_closed(address, &answered))
            })
            .collect();
        wait_for("some answers", || answered.load(Ordering::Relaxed) > 40);
        server.ask_to_stop();
        for client in clients {
            assert_eq!(client.join().unwrap(), 0);
        }
        server.stop();
        all += answered.load(Ordering::Relaxed);
    }
    let text = format!("5 stops under load: {all} answers, 0 requests without one");
    figure("R26", &text);
}

#[test]
fn r26_readiness_ends_first_and_work_that_was_taken_is_done() {
    let backend = Disturbed::new(None);
    backend.shut(true);
    let patient = Settings {
        drain_time: Duration::from_millis(800),
        ..settings()
    };
    let mut server = start(backend.clone(), patient).unwrap();
    let address = server.address;
    let taken = thread::spawn(move || post(address, "/predict", &json!({"inputs": "play Bach"})));
    wait_for("a batch", || backend.batches() == [1]);
    assert_eq!(get(address, "/ready").status, 200);
    server.ask_to_stop();
    // Still listening, and saying that it will not for long.
    wait_for("/ready to say no", || get(address, "/ready").status == 503);
    assert_eq!(get(address, "/health").status, 200);
    wait_for("the listener to close", || {
        TcpStream::connect(address).is_err()
    });
    backend.shut(false);
    taken.join().unwrap().ok();
    server.stop();
    figure("R26", "`/ready` says 503 before the listener closes");
}

#[test]
fn a_model_that_hangs_does_not_hold_the_end_up() {
    let backend = Disturbed::new(None);
    backend.shut(true);
    let short = Settings {
        shutdown_grace: Duration::from_millis(200),
        ..settings()
    };
    let server = start(backend.clone(), short).unwrap();
    let address = server.address;
    let cut_off = thread::spawn(move || {
        Client::connect(address).post("/predict", &json!({"inputs": "play Bach"}))
    });
    wait_for("a batch", || backend.batches() == [1]);
    server.stop();
    assert!(cut_off.join().unwrap().is_err());
    backend.shut(false);
}
