//! R28: a server at half its capacity and a long training hold no more memory and no more files at
//! their end than after their beginning.
//!
//! Memory is what the system counts as the program's own (`VmRSS`), once a second or every hundred
//! steps; its slope is that of Theil and Sen, the median over all pairs of samples, which a single
//! jump of the allocator does not move. The first third is warm-up. `MTNET_SOAK_SECONDS` sets another
//! time for the server, `MTNET_SOAK_STEPS` other steps for the training.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mtnet_fuzz::{Tier, figure};

use super::workplace;
use crate::workplace::{Workplace, copy_model};

/// The bar, in MiB a minute of serving.
const SERVING: f64 = 1.0;
/// The bar, in MiB a hundred steps of training.
const TRAINING: f64 = 0.5;

/// Memory and open files of a process at some time or step.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: f64,
    mebibytes: f64,
    files: usize,
}

/// `None` where the system does not say, or the process has ended.
fn sample(id: u32, at: f64) -> Option<Sample> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(Sample {
        at,
        mebibytes: kibibytes / 1024.0,
        files: fs::read_dir(format!("/proc/{id}/fd")).ok()?.count(),
    })
}

/// MiB for one unit of `at`: the median slope over all pairs of samples.
fn slope(samples: &[Sample]) -> f64 {
    let pairs = samples
        .iter()
        .enumerate()
        .flat_map(|(index, first)| samples[index + 1..].iter().map(move |then| (first, then)));
    let mut slopes: Vec<f64> = pairs
        .map(|(first, then)| (then.mebibytes - first.mebibytes) / (then.at - first.at))
        .collect();
    slopes.sort_by(f64::total_cmp);
    slopes[slopes.len() / 2]
}

/// What is behind the warm-up.
fn settled(samples: &[Sample]) -> &[Sample] {
    &samples[samples.len() / 3..]
}

fn from_env<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn slopes_of_leaks_are_seen_and_jumps_are_not() {
    let samples = |grows: &dyn Fn(f64) -> f64| -> Vec<Sample> {
        let sample = |at: i32| Sample {
            at: f64::from(at),
            mebibytes: 100.0 + grows(f64::from(at)),
            files: 9,
        };
        (0..60).map(sample).collect()
    };
    assert!((slope(&samples(&|at| 0.25 * at)) - 0.25).abs() < 1e-9);
    let jump = samples(&|at| if at > 50.0 { 40.0 } else { 0.0 });
    assert_eq!(slope(&jump), 0.0);
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(workplace: &Workplace) -> Self {
        let args = [
            "--quiet",
            "--log-format",
            "json",
            "serve",
            "model",
            "--port",
            "0",
        ];
        let mut child = workplace
            .command(&args)
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let said: serde_json::Value = serde_json::from_str(&line).expect(&line);
        let address = said["listening"].as_str().expect("an address").to_owned();
        Self { child, address }
    }

    /// Whether a text is answered with 200, on a connection of its own.
    fn answers(&self, number: usize) -> bool {
        let asked = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect(&self.address)?;
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            let text = "play some Adele ".repeat(1 + number % 12);
            let body =
                serde_json::json!({ "inputs": [text, format!("book {number}")] }).to_string();
            write!(
                stream,
                "POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer.starts_with("HTTP/1.1 200"))
        };
        asked().unwrap_or(false)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers a second of two clients that ask as fast as they are answered.
fn capacity(server: &Server, seconds: f64) -> f64 {
    let begun = Instant::now();
    let count = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while begun.elapsed().as_secs_f64() < seconds {
                    let number = count.fetch_add(1, Ordering::Relaxed);
                    assert!(server.answers(number), "request {number} of the beginning");
                }
            });
        }
    });
    count.into_inner() as f64 / begun.elapsed().as_secs_f64()
}

#[test]
fn r28_a_server_at_half_its_capacity_grows_by_nothing() {
    let seconds =
        from_env("MTNET_SOAK_SECONDS").unwrap_or_else(|| Tier::from_env().pick(4.0, 12.0, 1800.0));
    let workplace = Workplace::new();
    copy_model(&workplace);
    let server = Server::start(&workplace);
    let id = server.child.id();
    if sample(id, 0.0).is_none() {
        figure("R28", "not measured: this system has no /proc");
        return;
    }
    let rate = 0.5 * capacity(&server, 2.0_f64.min(seconds / 2.0));
    let before = files_at_rest(id);
    let (asked, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let ended = AtomicBool::new(false);
    let begun = Instant::now();
    let mut samples = Vec::new();
    thread::scope(|scope| {
        // Requests come by the clock, each from whichever client is free.
        for _ in 0..4 {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    let number = asked.fetch_add(1, Ordering::Relaxed);
                    let due = Duration::from_secs_f64(number as f64 / rate);
                    thread::sleep(due.saturating_sub(begun.elapsed()));
                    if !server.answers(number) {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let pause = Duration::from_secs_f64((seconds / 120.0).clamp(0.05, 5.0));
        while begun.elapsed().as_secs_f64() < seconds {
            thread::sleep(pause);
            samples.extend(sample(id, begun.elapsed().as_secs_f64() / 60.0));
        }
        ended.store(true, Ordering::Relaxed);
    });
    let asked = asked.into_inner();
    assert_eq!(failed.into_inner(), 0, "of {asked} requests");
    let after = files_at_rest(id);
    assert!(after <= before, "{before} open files, then {after}");
    let settled = settled(&samples);
    let grown = slope(settled);
    let told = format!(
        "served {seconds:.0} s at half capacity ({rate:.0} requests a second, {asked} answered, 0 \
         failed): {grown:+.3} MiB a minute from {:.1} MiB, open files {before} and {after}",
        settled[0].mebibytes
    );
    // A slope over seconds is noise of the allocator: it is told, and judged from a minute on.
    if seconds >= 60.0 {
        assert!(grown <= SERVING, "{told}");
    }
    figure("R28", told);
}

/// Open files once every request is answered: sockets come and go.
fn files_at_rest(id: u32) -> usize {
    thread::sleep(Duration::from_millis(500));
    sample(id, 0.0).expect("the program runs").files
}

/// The last step of a log that is being written, in hundreds.
fn hundreds_of_steps(log: &Path) -> Option<f64> {
    let mut file = fs::File::open(log).ok()?;
    let end = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(end.saturating_sub(16 << 10)))
        .ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    let tail = String::from_utf8_lossy(&tail);
    let step = tail.lines().rev().find_map(|line| {
        let event: serde_json::Value = serde_json::from_str(line).ok()?;
        event["step"].as_f64()
    });
    Some(step? / 100.0)
}

#[test]
fn r28_a_long_training_grows_by_nothing() {
    let steps: u64 =
        from_env("MTNET_SOAK_STEPS").unwrap_or_else(|| Tier::from_env().pick(200, 1_000, 5_000));
    let workplace = workplace();
    let settings = [
        format!("train.max_steps={steps}"),
        "train.eval_steps=100".to_owned(),
        "train.save_steps=100".to_owned(),
        "train.logging_steps=10".to_owned(),
    ];
    let mut args = vec!["--quiet", "train", "run.toml", "--output", "run"];
    args.extend(settings.iter().map(String::as_str));
    let mut child = workplace
        .command(&args)
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let log = workplace.path("run/metrics.jsonl");
    let mut samples: Vec<Sample> = Vec::new();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        let at = hundreds_of_steps(&log).filter(|at| *at > 0.0);
        if let Some(at) = at.filter(|at| samples.last().is_none_or(|last| last.at < *at)) {
            samples.extend(sample(child.id(), at));
        }
        thread::sleep(Duration::from_millis(5));
    };
    let mut told = String::new();
    if let Some(stderr) = &mut child.stderr {
        let _ = stderr.read_to_string(&mut told);
    }
    assert!(status.success(), "{told}");
    if samples.len() < 6 {
        figure(
            "R28",
            "not measured: this system has no /proc, or the steps were too few",
        );
        return;
    }
    let settled = settled(&samples);
    let grown = slope(settled);
    let (early, late) = settled.split_at(settled.len() / 2);
    let (early, late) = (median_files(early), median_files(late));
    let told = format!(
        "trained {steps} steps with {} evaluations and checkpoints: {grown:+.3} MiB per 100 steps \
         from {:.1} MiB, open files {early} and {late}",
        steps / 100,
        settled[0].mebibytes
    );
    assert!(late <= early, "{told}");
    // Over a few hundred steps caches still fill; the bar is for long runs.
    if steps >= 1_000 {
        assert!(grown <= TRAINING, "{told}");
    }
    figure("R28", told);
}

fn median_files(samples: &[Sample]) -> usize {
    let mut files: Vec<usize> = samples.iter().map(|sample| sample.files).collect();
    files.sort_unstable();
    files[files.len() / 2]
}
