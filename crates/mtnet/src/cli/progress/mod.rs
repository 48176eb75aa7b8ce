//! What a run shows while it goes on: bars on a terminal, lines elsewhere, JSON for programs.

mod bars;
mod json;
mod lines;
#[cfg(feature = "tui")]
mod view;
mod words;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use mtnet::core::TaskName;
use mtnet::train::trainer::{Progress, Quiet};

use self::bars::Bars;
use self::json::Json;
use self::lines::Lines;
use self::words::Words;
use super::output::Output;

/// The listener that fits the output. `metrics` are those that the run file names for tasks; a
/// folder that is `shown` is drawn in the terminal.
///
/// # Errors
/// If it is to be drawn and there is no terminal.
pub fn listener(
    output: &Output,
    metrics: BTreeMap<TaskName, String>,
    shown: Option<&Path>,
) -> anyhow::Result<Box<dyn Progress + Send>> {
    let words = Words { metrics };
    #[cfg(feature = "tui")]
    if let Some(folder) = shown {
        return Ok(Box::new(view::View::open(
            folder,
            Lines::new(io::stderr(), words),
        )?));
    }
    #[cfg(not(feature = "tui"))]
    let _ = shown;
    Ok(match output {
        _ if output.is_quiet() => Box::new(Quiet),
        _ if output.is_json() => Box::new(Json::new(io::stderr())),
        _ if output.has_bars() => Box::new(Bars::new(words, output.has_colors())),
        _ => Box::new(Lines::new(io::stderr(), words)),
    })
}
