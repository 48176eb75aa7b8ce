//! Load: closed (each client asks again once it is answered) and open (requests come by the clock).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::client::{Client, request};

/// What a load met with.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Seconds that it took.
    pub seconds: f64,
    /// Seconds of each answer with 200, rising.
    pub answered: Vec<f64>,
    /// Seconds of each answer with 429, rising.
    pub refused: Vec<f64>,
    /// Answers with 429 that did not say when to come again.
    pub silent: usize,
    /// Answers with any other status, and requests without one.
    pub failed: usize,
}

impl Load {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.answered.len() as f64 / self.seconds
    }

    fn merge(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.refused.extend(other.refused);
        self.silent += other.silent;
        self.failed += other.failed;
    }

    fn sorted(mut self, start: Instant) -> Self {
        self.seconds = start.elapsed().as_secs_f64();
        self.answered.sort_by(f64::total_cmp);
        self.refused.sort_by(f64::total_cmp);
        self
    }
}

/// The value that a share of rising values lies below.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let at = (share * values.len() as f64) as usize;
    let last = values.len().saturating_sub(1);
    values.get(at.min(last)).copied().unwrap_or(f64::NAN)
}

/// `clients` clients ask about one text after the other, each time at all of `targets` at once, for
/// some seconds. A time is that of the slowest target.
pub fn closed(
    targets: &[(SocketAddr, String)],
    texts: &[String],
    clients: usize,
    seconds: f64,
) -> Result<Load> {
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    let until = start + Duration::from_secs_f64(seconds);
    let loads: Result<Vec<Load>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|_| scope.spawn(|| client(targets, texts, &next, until)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a client does not panic"))
            .collect()
    });
    let mut all = Load::default();
    loads?.into_iter().for_each(|load| all.merge(load));
    Ok(all.sorted(start))
}

fn client(
    targets: &[(SocketAddr, String)],
    texts: &[String],
    next: &AtomicUsize,
    until: Instant,
) -> Result<Load> {
    let mut connections = targets
        .iter()
        .map(|(address, _)| Client::connect(*address).with_context(|| format!("{address}")))
        .collect::<Result<Vec<_>>>()?;
    let mut load = Load::default();
    while Instant::now() < until {
        let text = &texts[next.fetch_add(1, Ordering::Relaxed) % texts.len()];
        let body = body(text);
        let start = Instant::now();
        for (connection, (_, path)) in connections.iter_mut().zip(targets) {
            connection.write(&request(path, &body))?;
        }
        for connection in &mut connections {
            let answer = connection.read()?;
            ensure!(
                answer.status == 200,
                "the server answered {}",
                answer.status
            );
        }
        load.answered.push(start.elapsed().as_secs_f64());
    }
    Ok(load)
}

/// Requests that come `rate` times a second, on up to `clients` kept connections.
pub fn open(
    address: SocketAddr,
    texts: &[String],
    rate: f64,
    clients: usize,
    seconds: f64,
) -> Load {
    let requests: Vec<_> = texts
        .iter()
        .map(|text| request("/predict", &body(text)))
        .collect();
    let next = AtomicUsize::new(0);
    let count = (rate * seconds) as usize;
    let start = Instant::now();
    let loads: Vec<Load> = thread::scope(|scope| {
        let work = || {
            let mut load = Load::default();
            let mut connection = None;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return load;
                }
                let due = start + Duration::from_secs_f64(number as f64 / rate);
                thread::sleep(due.saturating_duration_since(Instant::now()));
                one(
                    &mut load,
                    &mut connection,
                    address,
                    &requests[number % requests.len()],
                );
            }
        };
        let threads: Vec<_> = (0..clients).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a client does not panic"))
            .collect()
    });
    let mut all = Load::default();
    loads.into_iter().for_each(|load| all.merge(load));
    all.sorted(start)
}

fn one(load: &mut Load, connection: &mut Option<Client>, address: SocketAddr, request: &[u8]) {
    let sent = Instant::now();
    let asked = match connection.take() {
        Some(client) => Ok(client),
        None => Client::connect(address),
    };
    let answered = asked.and_then(|mut client| {
        let answer = client.ask(request)?;
        Ok((client, answer))
    });
    let seconds = sent.elapsed().as_secs_f64();
    match answered {
        Ok((client, answer)) => {
            match answer.status {
                200 => load.answered.push(seconds),
                429 => {
                    load.refused.push(seconds);
                    load.silent += usize::from(!answer.retry_after);
                }
                _ => load.failed += 1,
            }
            *connection = (!answer.closes).then_some(client);
        }
        Err(_) => load.failed += 1,
    }
}

fn body(text: &str) -> String {
    serde_json::json!({ "inputs": text }).to_string()
}
