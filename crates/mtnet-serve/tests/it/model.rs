//! The tiny model that comes with `mtnet-model`, plain and disturbed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Duration;

use candle_core::Device;
use mtnet_model::{Ask, ModelError, Predictor, PreparedInput, Replies};
use mtnet_serve::{Backend, Handle, Settings, start};

/// Where its folder lies.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mtnet-model/tests/fixtures/tiny")
}

pub fn predictor() -> Predictor {
    Predictor::open(&folder(), &Device::Cpu).expect("the model of the tests")
}

/// Settings for tests: a free port, little waiting at the end.
pub fn settings() -> Settings {
    Settings {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        drain_time: Duration::from_millis(20),
        inference_threads: 1,
        ..Settings::default()
    }
}

/// One server of the plain model for all tests that only ask.
pub fn server() -> SocketAddr {
    static SERVER: OnceLock<Handle> = OnceLock::new();
    SERVER
        .get_or_init(|| start(Arc::new(predictor()), settings()).expect("a server"))
        .address
}

/// A model that waits behind a gate, and panics on one text.
pub struct Disturbed {
    predictor: Predictor,
    gate: Gate,
    poison: Option<&'static str>,
    batches: Mutex<Vec<usize>>,
}

/// Open, or shut until somebody opens it.
#[derive(Default)]
pub struct Gate {
    shut: Mutex<bool>,
    changed: Condvar,
}

impl Disturbed {
    pub fn new(poison: Option<&'static str>) -> Arc<Self> {
        Arc::new(Self {
            predictor: predictor(),
            gate: Gate::default(),
            poison,
            batches: Mutex::default(),
        })
    }

    /// Lets no batch pass from now on, or all of them.
    pub fn shut(&self, shut: bool) {
        *self.gate.shut.lock().unwrap() = shut;
        self.gate.changed.notify_all();
    }

    /// Texts of each batch that the model was given.
    pub fn batches(&self) -> Vec<usize> {
        self.batches.lock().unwrap().clone()
    }
}

impl Backend for Disturbed {
    fn predictor(&self) -> &Predictor {
        &self.predictor
    }

    fn answer(&self, inputs: &[(&PreparedInput, &Ask)]) -> Result<Replies, ModelError> {
        self.batches.lock().unwrap().push(inputs.len());
        let shut = self.gate.shut.lock().unwrap();
        drop(self.gate.changed.wait_while(shut, |shut| *shut).unwrap());
        for (input, _) in inputs {
            let text = input.text().first().text();
            if self.poison.is_some_and(|poison| text.contains(poison)) {
                panic!("poisoned by {text}");
            }
        }
        self.predictor.answer(inputs)
    }
}

/// Waits for something that other threads bring about.
#[track_caller]
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("waited in vain for {what}");
}

/// A number of the metrics.
pub fn metric(address: SocketAddr, name: &str) -> f64 {
    let text = String::from_utf8(super::client::get(address, "/metrics").body).expect("text");
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("{name} ")));
    let value = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
    value.unwrap_or_else(|| panic!("no {name} in\n{text}"))
}

/// Draws that a seed decides (SplitMix64; Steele, Lea and Flood 2014).
pub struct Draws(pub u64);

impl Draws {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}
