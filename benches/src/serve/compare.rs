//! Texts a second and times, at several numbers of clients.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use mtnet_serve::{Handle, Settings, start};

use super::load::{Load, closed, quantile};
use super::models;

const CLIENTS: [usize; 3] = [1, 8, 64];

/// A way of asking: its name, and where a text is sent.
type Way = (String, Vec<(SocketAddr, String)>);

/// One model with all its heads, the same asked for one head, a model with one head, and as many
/// of those as there are heads, each behind the same server.
pub fn ours(model: Option<&Path>, seconds: f64, rounds: u16) -> Result<()> {
    let texts = models::texts()?;
    let place = tempfile::tempdir()?;
    let folder = match model {
        Some(folder) => folder.to_owned(),
        None => {
            models::random(place.path(), &texts)?;
            place.path().to_owned()
        }
    };
    let tasks = models::tasks(&folder)?;
    let whole = served(&folder)?;
    let singles = tasks
        .iter()
        .map(|task| served(&models::alone(&folder, task, &place.path().join(task))?))
        .collect::<Result<Vec<_>>>()?;
    let count = tasks.len();
    let predict = || "/predict".to_owned();
    let first = tasks
        .first()
        .map_or_else(predict, |task| format!("/predict/{task}"));
    let of_singles: Vec<_> = singles.iter().map(|one| (one.address, predict())).collect();
    let ways = [
        (
            format!("one model, {count} heads"),
            vec![(whole.address, predict())],
        ),
        (
            "the same, one head asked".to_owned(),
            vec![(whole.address, first)],
        ),
        ("a model of one head".to_owned(), of_singles[..1].to_vec()),
        (format!("{count} models of one head"), of_singles),
    ];
    table(&ways, &texts, seconds, rounds)
}

/// A server that runs already.
pub fn peer(address: SocketAddr, seconds: f64, rounds: u16) -> Result<()> {
    let way = (address.to_string(), vec![(address, "/predict".to_owned())]);
    table(&[way], &models::texts()?, seconds, rounds)
}

fn served(folder: &Path) -> Result<Handle> {
    let settings = Settings {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        drain_time: std::time::Duration::ZERO,
        ..Settings::default()
    };
    Ok(start(Arc::new(models::open(folder)?), settings)?)
}

/// Ways take turns, round by round; a number is the median of its rounds.
fn table(ways: &[Way], texts: &[String], seconds: f64, rounds: u16) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for way in ways {
        closed(&way.1, texts, 2, 0.5)?;
    }
    writeln!(
        out,
        "{:<28} {:>7} {:>9} {:>9} {:>9}",
        "", "clients", "texts/s", "p50 ms", "p99 ms"
    )?;
    for clients in CLIENTS {
        let mut loads = vec![Vec::new(); ways.len()];
        for _ in 0..rounds {
            for (way, loads) in ways.iter().zip(&mut loads) {
                loads.push(closed(&way.1, texts, clients, seconds)?);
            }
        }
        for ((name, _), loads) in ways.iter().zip(&loads) {
            let rate = median(loads, Load::rate);
            let p50 = 1e3 * median(loads, |load| quantile(&load.answered, 0.5));
            let p99 = 1e3 * median(loads, |load| quantile(&load.answered, 0.99));
            writeln!(
                out,
                "{name:<28} {clients:>7} {rate:>9.1} {p50:>9.2} {p99:>9.2}"
            )?;
        }
    }
    Ok(())
}

fn median(loads: &[Load], value: impl Fn(&Load) -> f64) -> f64 {
    let mut values: Vec<f64> = loads.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}
