//! The program beyond its limits, as another process: overload, slow clients, stops under load.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::client::{Client, request};
use super::load::{Load, closed, open, quantile};
use super::models;

/// Texts that the server under test holds at once.
const HELD: usize = 64;

/// A running `mtnet serve`.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(model: &Path, arguments: &[&str]) -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("mtnet");
        let mut child = Command::new(&program)
            .args(["--quiet", "--log-format", "json", "serve", "--port", "0"])
            .args(arguments)
            .arg(model)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| {
                format!(
                    "{}; `cargo build --release -p mtnet` makes it",
                    program.display()
                )
            })?;
        let mut line = String::new();
        let output = child.stdout.take().context("its output")?;
        BufReader::new(output).read_line(&mut line)?;
        let said: serde_json::Value = serde_json::from_str(&line).context("its first line")?;
        let address = said["listening"].as_str().context("its address")?.parse()?;
        Ok(Self { child, address })
    }

    /// Memory that it holds, in MiB.
    fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        Ok(kib.context("VmRSS")? / 1024.0)
    }

    /// Sends SIGTERM. Gives the exit code and the seconds until it came.
    fn stop(mut self) -> Result<(Option<i32>, f64)> {
        let start = Instant::now();
        let id = self.child.id().to_string();
        ensure!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()?
                .success(),
            "kill"
        );
        let status = self.child.wait()?;
        Ok((status.code(), start.elapsed().as_secs_f64()))
    }
}

/// Runs the tests and prints what they found.
pub fn run(model: Option<&Path>) -> Result<()> {
    let texts = models::texts()?;
    let place = tempfile::tempdir()?;
    let folder: PathBuf = match model {
        Some(folder) => folder.to_owned(),
        None => {
            models::random(place.path(), &texts)?;
            place.path().to_owned()
        }
    };
    overload(&folder, &texts)?;
    slow_clients(&folder, &texts)?;
    stops(&folder, &texts)
}

fn say(line: std::fmt::Arguments<'_>) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

/// Twice what the server can do for a minute, five times for 20 seconds.
fn overload(folder: &Path, texts: &[String]) -> Result<()> {
    let held = HELD.to_string();
    let program = Program::start(folder, &["--max-concurrent-requests", &held])?;
    let target = [(program.address, "/predict".to_owned())];
    closed(&target, texts, 8, 2.0)?;
    let quiet = closed(&target, texts, 1, 5.0)?;
    // Just below the limit nothing is refused, and batches are as large as they get.
    let full = closed(&target, texts, HELD - 1, 10.0)?;
    let capacity = full.rate();
    let bound = 1.25 * HELD as f64 / capacity;
    let before = program.memory()?;
    say(format_args!(
        "capacity {capacity:.0} texts/s, quiet p99 {:.1} ms, {HELD} texts held, bound {:.0} ms",
        1e3 * quantile(&quiet.answered, 0.99),
        1e3 * bound
    ))?;
    for (times, seconds) in [(2.0, 60.0), (5.0, 20.0)] {
        let load = open(program.address, texts, times * capacity, 4 * HELD, seconds);
        report(
            &format!("overload {times} x for {seconds} s"),
            &load,
            capacity,
        )?;
    }
    let grown = program.memory()? - before;
    thread::sleep(Duration::from_secs(2));
    let after = closed(&target, texts, 1, 5.0)?;
    say(format_args!(
        "memory {grown:+.1} MiB (of {before:.0}); 2 s later p99 {:.1} ms",
        1e3 * quantile(&after.answered, 0.99)
    ))?;
    program.stop()?;
    Ok(())
}

fn report(name: &str, load: &Load, capacity: f64) -> Result<()> {
    let milliseconds = |values: &[f64], share| 1e3 * quantile(values, share);
    say(format_args!(
        "{name}: accepted {} (p50 {:.0} ms, p99 {:.0} ms), goodput {:.0} % of capacity; refused {} \
         (p99 {:.1} ms, largest {:.1} ms), without Retry-After {}; failed {}",
        load.answered.len(),
        milliseconds(&load.answered, 0.5),
        milliseconds(&load.answered, 0.99),
        100.0 * load.rate() / capacity,
        load.refused.len(),
        milliseconds(&load.refused, 0.99),
        milliseconds(&load.refused, 1.0),
        load.silent,
        load.failed,
    ))
}

/// 500 half heads and 200 dripping bodies beside a healthy client.
fn slow_clients(folder: &Path, texts: &[String]) -> Result<()> {
    let program = Program::start(folder, &[])?;
    let target = [(program.address, "/predict".to_owned())];
    closed(&target, texts, 1, 2.0)?;
    let quiet = closed(&target, texts, 1, 8.0)?;
    let address = program.address;
    let ended = Arc::new(AtomicBool::new(false));
    let head = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let start = Instant::now();
    let slow: Vec<_> = (0..700)
        .map(|number| {
            let ended = Arc::clone(&ended);
            thread::Builder::new().stack_size(128 << 10).spawn(move || {
                let mut client = Client::connect(address)?;
                client.write(head.as_bytes())?;
                if number >= 500 {
                    client.write(b"content-length: 100000\r\n\r\n{")?;
                    while client.write(b" ").is_ok() && !ended.load(Ordering::Relaxed) {
                        thread::sleep(Duration::from_millis(500));
                    }
                }
                let closed = client.is_closed();
                Ok::<_, std::io::Error>((closed, start.elapsed().as_secs_f64()))
            })
        })
        .collect::<Result<_, _>>()?;
    let busy = closed(&target, texts, 1, 8.0)?;
    thread::sleep(Duration::from_secs(5));
    ended.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    let mut open = 0;
    for thread in slow {
        match thread.join().expect("a client does not panic") {
            Ok((true, time)) => times.push(time),
            Ok((false, _)) => open += 1,
            // Reset while it wrote: closed as well.
            Err(_) => times.push(start.elapsed().as_secs_f64()),
        }
    }
    times.sort_by(f64::total_cmp);
    say(format_args!(
        "slow clients: healthy p99 {:.1} ms quiet, {:.1} ms beside 700; closed {} within {:.1} s, \
         left open {open}",
        1e3 * quantile(&quiet.answered, 0.99),
        1e3 * quantile(&busy.answered, 0.99),
        times.len(),
        quantile(&times, 1.0)
    ))?;
    program.stop()?;
    Ok(())
}

/// 50 stops under load.
fn stops(folder: &Path, texts: &[String]) -> Result<()> {
    let (mut codes, mut slowest, mut answered, mut lost) = (Vec::new(), 0.0_f64, 0, 0);
    for _ in 0..50 {
        let program = Program::start(folder, &["--drain-time", "0.2"])?;
        let address = program.address;
        let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let request = request(
            "/predict",
            &serde_json::json!({"inputs": texts[0]}).to_string(),
        );
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let (counts, request) = (Arc::clone(&counts), request.clone());
                thread::spawn(move || ask_until_gone(address, &request, &counts))
            })
            .collect();
        thread::sleep(Duration::from_millis(300));
        let (code, seconds) = program.stop()?;
        codes.push(code);
        slowest = slowest.max(seconds);
        for client in clients {
            client.join().expect("a client does not panic");
        }
        answered += counts.0.load(Ordering::Relaxed);
        lost += counts.1.load(Ordering::Relaxed);
    }
    let clean = codes.iter().filter(|code| **code == Some(0)).count();
    say(format_args!(
        "stops: {clean} of 50 with code 0, slowest {slowest:.2} s; {answered} answers, {lost} \
         requests without one"
    ))
}

fn ask_until_gone(address: SocketAddr, request: &[u8], counts: &(AtomicUsize, AtomicUsize)) {
    while let Ok(mut client) = Client::connect(address) {
        for number in 0.. {
            match client.ask(request) {
                Ok(answer) => {
                    counts.0.fetch_add(1, Ordering::Relaxed);
                    if answer.closes {
                        break;
                    }
                }
                Err(_) => {
                    // A connection that the server never took promised nothing.
                    counts
                        .1
                        .fetch_add(usize::from(number > 0), Ordering::Relaxed);
                    break;
                }
            }
        }
    }
}
