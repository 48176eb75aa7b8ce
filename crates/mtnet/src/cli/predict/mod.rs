//! `predict`: answers for new text, one JSON line an input.

mod input;
mod lines;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::core::TaskName;
use mtnet::kernels::Precision;
use mtnet::model::{PredictInput, Predictor};
use mtnet::train::trainer::open_device;
use serde::Serialize;
use serde_json::Value;

use self::input::Input;
use self::lines::InputLines;
use super::exit::Stop;
use super::model;
use super::output::Output;

/// Inputs that are answered together.
const CHUNK: usize = 256;

/// Arguments of `predict`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The model folder.
    model: PathBuf,
    /// The text to answer for.
    #[arg(required_unless_present = "input", conflicts_with = "input")]
    text: Option<String>,
    /// A file of inputs, or - for standard input. In .jsonl a line is a string, or an object with
    /// `text` (and `text_b`) or `tokens`, whose `id` comes back; elsewhere a line is a text.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The second text of a pair.
    #[arg(long, value_name = "TEXT_B", conflicts_with = "input")]
    pair: Option<String>,
    /// A task to answer; may be given several times. Default: all of the model's.
    #[arg(long = "task", value_name = "TASK")]
    tasks: Vec<TaskName>,
    /// Prints tokens and logits instead of answers.
    #[arg(long)]
    logits: bool,
    /// Numbers that the encoder's products take: f32, bf16 or int8. Less exact from left to right.
    #[arg(long, default_value_t, value_name = "PRECISION")]
    precision: Precision,
    /// Where the model runs: cpu, cuda, cuda:N or metal.
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// An answer with what identifies its input.
#[derive(Debug, Serialize)]
struct Line<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    #[serde(flatten)]
    answer: &'a T,
}

/// Answers every input in order.
pub fn run(args: &Args, _: &Output) -> anyhow::Result<()> {
    let device = open_device(&args.device)?;
    let folder = model::open_in(&args.model, &device, args.precision)?;
    // A misspelt task is told before the first input is read.
    for task in &args.tasks {
        folder.model.task_index(task)?;
    }
    let predictor = Predictor::new(folder);
    let inputs: Box<dyn Iterator<Item = anyhow::Result<Input>>> = match (&args.text, &args.input) {
        (Some(text), _) => Box::new(std::iter::once(Ok(single(text, args.pair.as_deref())))),
        (None, Some(path)) => Box::new(open(path)?),
        (None, None) => return Err(Stop::usage("expected a TEXT or --input FILE")),
    };
    let (tasks, mut out) = (&args.tasks, io::stdout().lock());
    match args.logits {
        true => answer_all(
            |texts| Ok(predictor.logits(texts, tasks)?),
            inputs,
            &mut out,
        ),
        false => answer_all(
            |texts| Ok(predictor.predict(texts, tasks)?),
            inputs,
            &mut out,
        ),
    }
}

fn single(text: &str, second: Option<&str>) -> Input {
    let input = match second {
        Some(second) => PredictInput::pair(text, second),
        None => PredictInput::text(text),
    };
    Input { id: None, input }
}

fn open(path: &Path) -> anyhow::Result<InputLines<Box<dyn BufRead>>> {
    if path == Path::new("-") {
        let stdin: Box<dyn BufRead> = Box::new(io::stdin().lock());
        return Ok(InputLines::guessing("<stdin>", stdin));
    }
    let file = File::open(path).map_err(|error| {
        Stop::data(format!(
            "cannot read input file {}: {error}",
            path.display()
        ))
    })?;
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "jsonl" || extension == "json");
    Ok(InputLines::new(
        path.display(),
        Box::new(BufReader::new(file)),
        is_json,
    ))
}

/// Answers in chunks. What comes before an input that cannot be read is still answered.
fn answer_all<T: Serialize>(
    answer: impl Fn(&[PredictInput]) -> anyhow::Result<Vec<T>>,
    inputs: impl Iterator<Item = anyhow::Result<Input>>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut inputs = inputs.fuse();
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut failed = None;
        for input in inputs.by_ref().take(CHUNK) {
            match input {
                Ok(input) => chunk.push(input),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if chunk.is_empty() && failed.is_none() {
            return Ok(());
        }
        let (ids, texts): (Vec<_>, Vec<_>) = chunk
            .into_iter()
            .map(|input| (input.id, input.input))
            .unzip();
        let answers = answer(&texts).context("answering")?;
        for (id, answer) in ids.iter().zip(&answers) {
            let id = id.as_ref();
            serde_json::to_writer(&mut *out, &Line { id, answer })?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        if let Some(error) = failed {
            return Err(error);
        }
    }
}
