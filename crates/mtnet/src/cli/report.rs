//! `report`: a page of one run folder, or of several and of comparisons.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::report::comparison::Comparison;
use mtnet::report::read::RunRecord;
use mtnet::report::{ReportError, run_page, runs_page};

use super::exit::Stop;
use super::format::shell_path;
use super::output::Output;

/// Name of the page in a run folder.
const PAGE: &str = "report.html";

/// Arguments of `report`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Run folders; also folders with a compare.json, or such files.
    #[arg(required = true, value_name = "RUNDIR")]
    runs: Vec<PathBuf>,
    /// File to write; by default report.html in the first folder, or for several in the working
    /// folder.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Shows the run in the terminal instead, going on or finished.
    #[cfg(feature = "tui")]
    #[arg(long, conflicts_with = "output")]
    tui: bool,
}

/// Writes the page and says where it is.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    #[cfg(feature = "tui")]
    if args.tui {
        return view(args);
    }
    let (mut runs, mut comparisons) = (Vec::new(), Vec::new());
    for path in &args.runs {
        match is_comparison(path) {
            true => comparisons.push(Comparison::open(path).map_err(told)?),
            false => runs.push(RunRecord::open(path).map_err(told)?),
        }
    }
    if comparisons.len() > 1 {
        return Err(Stop::usage(
            "one page shows one comparison; name the others in reports of their own",
        ));
    }
    let page = match (&runs[..], comparisons.first()) {
        ([one], None) => run_page(one),
        (several, comparison) => runs_page(several, comparison),
    };
    let path = match &args.output {
        Some(path) => path.clone(),
        None if args.runs.len() == 1 && args.runs[0].is_dir() => args.runs[0].join(PAGE),
        None => PathBuf::from(PAGE),
    };
    write(&path, &page)?;
    if output.is_json() {
        return Ok(output.json(&serde_json::json!({ "event": "report", "path": path }))?);
    }
    Ok(output.line(format!("Report: {}", shell_path(&path)))?)
}

#[cfg(feature = "tui")]
fn view(args: &Args) -> anyhow::Result<()> {
    use std::io::IsTerminal as _;
    let [folder] = &args.runs[..] else {
        return Err(Stop::usage("--tui shows one run; name one folder"));
    };
    if !std::io::stdout().is_terminal() {
        return Err(Stop::usage(
            "--tui needs a terminal; leave it out to write report.html",
        ));
    }
    // Only to refuse what is no run folder before the screen is taken.
    RunRecord::open(folder).map_err(told)?;
    Ok(mtnet::report::tui::view(folder)?)
}

/// Leaves a page in the folder of a run that this program has worked on since `begun`, however the
/// run ended. A page that cannot be written is no reason to fail.
pub fn leave(folder: &Path, begun: SystemTime, output: &Output) -> Option<PathBuf> {
    let log = fs::metadata(folder.join("metrics.jsonl"))
        .and_then(|log| log.modified())
        .ok()?;
    // Clocks of file systems are coarser than the clock.
    if log + std::time::Duration::from_secs(2) < begun {
        return None;
    }
    let path = folder.join(PAGE);
    let written = RunRecord::open(folder)
        .map_err(anyhow::Error::from)
        .and_then(|run| write(&path, &run_page(&run)));
    match written {
        Ok(()) => Some(path),
        Err(error) => {
            output.error(format!("warning: no report was written: {error:#}"));
            None
        }
    }
}

fn is_comparison(path: &Path) -> bool {
    let is_file = path.is_file()
        && path
            .extension()
            .is_some_and(|extension| extension == "json");
    is_file || (path.join("compare.json").is_file() && !path.join("metrics.jsonl").exists())
}

/// A reader of the old page sees it whole until the new one is whole.
fn write(path: &Path, page: &str) -> anyhow::Result<()> {
    let beside = path.with_extension("html.partial");
    fs::write(&beside, page)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("writing {}", path.display()))
}

/// What cannot be read is told as data, with code 3.
fn told(error: ReportError) -> anyhow::Error {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    Stop::data(message)
}
