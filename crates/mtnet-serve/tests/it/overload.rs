//! More than the server can hold: refused at once, and what was taken is answered.

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mtnet_serve::{Settings, start};
use serde_json::json;

use crate::figure;

use super::client::{Answer, Client, get, post};
use super::model::{Disturbed, metric, settings, wait_for};

fn ask(address: SocketAddr) -> JoinHandle<Answer> {
    thread::spawn(move || post(address, "/predict", &json!({"inputs": "play Bach"})))
}

#[test]
fn r24_a_full_server_refuses_at_once_and_keeps_its_promises() {
    let backend = Disturbed::new(None);
    backend.shut(true);
    let small = Settings {
        max_concurrent_requests: 8,
        ..settings()
    };
    let server = start(backend.clone(), small).unwrap();
    let taken: Vec<_> = (0..8).map(|_| ask(server.address)).collect();
    wait_for("eight texts", || {
        metric(server.address, "mtnet_queue_texts") + backend.batches().iter().sum::<usize>() as f64
            == 8.0
    });
    // The model stands still: these answers come from the door.
    let mut slowest = Duration::ZERO;
    for _ in 0..50 {
        let begun = Instant::now();
        let answer = ask(server.address).join().unwrap();
        assert!(answer.refused(429).contains("try again"));
        assert!(answer.header("retry-after").is_some());
        slowest = slowest.max(begun.elapsed());
    }
    assert_eq!(get(server.address, "/health").status, 200);
    backend.shut(false);
    for answer in taken {
        answer.join().unwrap().ok();
    }
    ask(server.address).join().unwrap().ok();
    let text = format!(
        "full, with the model standing still: 50 of 50 refused with 429 and Retry-After, the slowest \
         after {:.1} ms; 8 of 8 that were taken answered",
        1e3 * slowest.as_secs_f64()
    );
    figure("R24", &text);
}

#[test]
fn what_arrives_while_a_batch_runs_is_the_next_batch() {
    let backend = Disturbed::new(None);
    backend.shut(true);
    let server = start(backend.clone(), settings()).unwrap();
    let first = ask(server.address);
    wait_for("a batch", || backend.batches() == [1]);
    let others: Vec<_> = (0..6).map(|_| ask(server.address)).collect();
    wait_for("the queue", || {
        metric(server.address, "mtnet_queue_texts") == 6.0
    });
    backend.shut(false);
    first.join().unwrap().ok();
    for other in others {
        other.join().unwrap().ok();
    }
    assert_eq!(backend.batches(), [1, 6]);
}

#[test]
fn batches_keep_to_their_tokens_and_texts() {
    let backend = Disturbed::new(None);
    backend.shut(true);
    let small = Settings {
        max_batch_tokens: 12,
        max_batch_requests: Some(2),
        ..settings()
    };
    let server = start(backend.clone(), small).unwrap();
    let first = ask(server.address);
    wait_for("a batch", || backend.batches() == [1]);
    let body = json!({"inputs": ["a", "a", "a", "play some good Bach please now", "a"]});
    let address = server.address;
    let others = thread::spawn(move || post(address, "/predict", &body));
    wait_for("the queue", || metric(address, "mtnet_queue_texts") == 5.0);
    backend.shut(false);
    first.join().unwrap().ok();
    others.join().unwrap().ok();
    assert_eq!(backend.batches()[0], 1);
    assert!(backend.batches()[1..].iter().all(|&texts| texts <= 2));
    assert!(backend.batches().len() >= 4, "{:?}", backend.batches());
}

#[test]
fn a_full_queue_of_tokens_refuses_too() {
    let backend = Disturbed::new(None);
    backend.shut(true);
    let small = Settings {
        max_batch_tokens: 32,
        max_queue_tokens: 32,
        ..settings()
    };
    let server = start(backend.clone(), small).unwrap();
    let first = ask(server.address);
    wait_for("a batch", || backend.batches() == [1]);
    let text = "play some good Bach please now and then a table";
    let address = server.address;
    let second = thread::spawn(move || post(address, "/predict", &json!({"inputs": [text, text]})));
    wait_for("the queue", || metric(address, "mtnet_queue_texts") == 2.0);
    post(address, "/predict", &json!({"inputs": text})).refused(429);
    // More than the queue ever holds is not worth trying again.
    let message = post(
        address,
        "/predict",
        &json!({"inputs": [text, text, text, text]}),
    )
    .refused(413);
    assert!(message.contains("expected at most 32"), "{message}");
    backend.shut(false);
    first.join().unwrap().ok();
    second.join().unwrap().ok();
}

#[test]
fn what_takes_too_long_or_has_nobody_waiting_is_dropped() {
    let backend = Disturbed::new(None);
    backend.shut(true);
    let hasty = Settings {
        request_timeout: Duration::from_millis(300),
        ..settings()
    };
    let server = start(backend.clone(), hasty).unwrap();
    let first = ask(server.address);
    wait_for("a batch", || backend.batches() == [1]);
    let mut gone = Client::connect(server.address);
    let request = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                   content-length: 15\r\n\r\n{\"inputs\": \"a\"}";
    gone.write(request.as_bytes()).unwrap();
    wait_for("the queue", || {
        metric(server.address, "mtnet_queue_texts") == 1.0
    });
    drop(gone);
    let answer = first.join().unwrap();
    assert!(answer.refused(503).contains("not answered within 300ms"));
    backend.shut(false);
    wait_for("the queue to empty", || {
        metric(server.address, "mtnet_queue_texts") == 0.0
    });
    ask(server.address).join().unwrap().ok();
    // The model never saw the text of who had gone.
    assert_eq!(backend.batches(), [1, 1]);
}
