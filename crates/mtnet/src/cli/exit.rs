//! How the program ends: an exit code, and an error told once, with its causes.

use std::fmt;
use std::io;
use std::process::ExitCode;

use anyhow::Error;
use mtnet::attack::AttackError;
use mtnet::compare::CompareError;
use mtnet::data::DataError;
use mtnet::encoders::EncoderError;
use mtnet::export::ExportError;
use mtnet::extend::ExtendError;
use mtnet::heads::HeadError;
use mtnet::model::ModelError;
use mtnet::train::run_file::RunFileError;
use mtnet::train::trainer::TrainError;
use mtnet::tune::TuneError;

use super::output::Output;

/// Codes other than 0, by what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Anything that is none of the others.
    Failure = 1,
    /// The command line or the run file.
    Usage = 2,
    /// Data or a model folder.
    Data = 3,
    /// Training that came to no number.
    Diverged = 4,
    /// A run that SIGINT asked to stop.
    Interrupted = 130,
    /// A run that SIGTERM asked to stop.
    Terminated = 143,
}

/// An error of the program itself, with the code that it ends with.
#[derive(Debug)]
pub struct Stop {
    /// The code.
    pub exit: Exit,
    /// What went wrong, what was expected, and what to do.
    pub message: String,
}

impl Stop {
    /// A command line that cannot be followed.
    pub fn usage(message: impl Into<String>) -> Error {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
        .into()
    }

    /// Input that cannot be read.
    pub fn data(message: impl Into<String>) -> Error {
        Self {
            exit: Exit::Data,
            message: message.into(),
        }
        .into()
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Stop {}

/// Tells an error, if there is one, and gives the program's exit code.
pub fn code(result: anyhow::Result<()>, output: &Output) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    if is_broken_pipe(&error) {
        // The reader has all that it wanted.
        return ExitCode::SUCCESS;
    }
    output.error(tell(&error));
    ExitCode::from(exit_of(&error) as u8)
}

/// The error and those causes of it that say something new.
fn tell(error: &Error) -> String {
    let mut text = format!("error: {}", error.to_string().trim_end());
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(cause.trim_end()) {
            text.push_str(&format!("\n  because: {}", cause.trim_end()));
        }
    }
    text
}

fn is_broken_pipe(error: &Error) -> bool {
    let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        cause.downcast_ref().is_some_and(broken) || json == Some(io::ErrorKind::BrokenPipe)
    })
}

fn exit_of(error: &Error) -> Exit {
    // Its own errors, and what it says around those of others.
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stop.exit;
    }
    for cause in error.chain() {
        if cause.is::<RunFileError>() {
            return Exit::Usage;
        }
        if let Some(error) = cause.downcast_ref::<ExtendError>() {
            return of_extension(error);
        }
        if let Some(error) = cause.downcast_ref::<CompareError>() {
            return of_comparison(error);
        }
        if let Some(error) = cause.downcast_ref::<TuneError>() {
            return of_search(error);
        }
        if let Some(error) = cause.downcast_ref::<TrainError>() {
            return of_training(error);
        }
        if let Some(error) = cause.downcast_ref::<ExportError>() {
            return of_export(error);
        }
        if let Some(error) = cause.downcast_ref::<ModelError>() {
            return of_model(error);
        }
        if let Some(error) = cause.downcast_ref::<AttackError>() {
            return of_attack(error);
        }
    }
    Exit::Failure
}

fn of_comparison(error: &CompareError) -> Exit {
    match error {
        CompareError::OneTask
        | CompareError::NoSeeds
        | CompareError::NoDevelopmentScores { .. }
        | CompareError::RunFile(_) => Exit::Usage,
        CompareError::NoTestData { .. } | CompareError::Baseline { .. } => Exit::Data,
        CompareError::Run { source, .. } => of_comparison(source),
        CompareError::Train(error) => of_training(error),
        CompareError::Model(error) => of_model(error),
        _ => Exit::Failure,
    }
}

fn of_search(error: &TuneError) -> Exit {
    match error {
        TuneError::NoTable { .. }
        | TuneError::Problems(_)
        | TuneError::OtherSearch { .. }
        | TuneError::NoTime { .. }
        | TuneError::RunFile(_) => Exit::Usage,
        TuneError::JournalLine { .. } | TuneError::JournalVersion { .. } => Exit::Data,

        TuneError::Trial { source, .. } | TuneError::Train(source) => of_training(source),
        TuneError::Model(error) => of_model(error),
        _ => Exit::Failure,
    }
}

fn of_extension(error: &ExtendError) -> Exit {
    match error {
        ExtendError::Metric(_) | ExtendError::File { .. } => Exit::Failure,
        ExtendError::Encoder(EncoderError::Tensor(_)) => Exit::Failure,
        ExtendError::Encoder(_) => Exit::Data,
        ExtendError::Model(error) => of_model(error),
        ExtendError::Train(error) => of_training(error),
        ExtendError::Compare(error) => of_comparison(error),
        _ => Exit::Usage,
    }
}

fn of_training(error: &TrainError) -> Exit {
    match error {
        TrainError::Diverged { .. } | TrainError::NonFinite(_) => Exit::Diverged,
        TrainError::RunFile(_)
        | TrainError::EncoderConfig(_)
        | TrainError::Schedule(_)
        | TrainError::Device { .. }
        | TrainError::Threads { .. }
        | TrainError::FolderInUse { .. }
        | TrainError::NothingToResume { .. }
        | TrainError::OtherRun { .. }
        | TrainError::SelectionTask { .. }
        | TrainError::WarmStart { .. }
        | TrainError::SelectionMetric { .. } => Exit::Usage,
        TrainError::NoTrainingData { .. }
        | TrainError::Teacher { .. }
        | TrainError::NoDevelopmentData { .. }
        | TrainError::NoSplit { .. }
        | TrainError::Text(_)
        | TrainError::Json { .. } => Exit::Data,
        TrainError::Data(error) => of_data(error),
        TrainError::Encoder(EncoderError::Settings(_)) => Exit::Usage,
        TrainError::Encoder(EncoderError::Tensor(_)) => Exit::Failure,
        TrainError::Encoder(_) => Exit::Data,
        TrainError::Head { source, .. } => of_head(source),
        TrainError::Model(error) => of_model(error),
        _ => Exit::Failure,
    }
}

fn of_data(error: &DataError) -> Exit {
    match error {
        DataError::Config { .. } | DataError::Sampler { .. } => Exit::Usage,
        DataError::Thread(_) => Exit::Failure,
        _ => Exit::Data,
    }
}

fn of_model(error: &ModelError) -> Exit {
    match error {
        ModelError::UnknownTask { .. } => Exit::Usage,
        ModelError::Encoder(EncoderError::Tensor(_)) | ModelError::Tensor(_) => Exit::Failure,
        _ => Exit::Data,
    }
}

fn of_export(error: &ExportError) -> Exit {
    match error {
        ExportError::NoCounterpart { .. } | ExportError::Options { .. } => Exit::Usage,
        ExportError::Model(error) => of_model(error),
        ExportError::Encoder(EncoderError::Tensor(_)) | ExportError::Tensor(_) => Exit::Failure,
        _ => Exit::Data,
    }
}

fn of_attack(error: &AttackError) -> Exit {
    match error {
        AttackError::Model(error) => of_model(error),
        AttackError::Text(_) => Exit::Data,
        AttackError::Tensor(_) => Exit::Failure,
        _ => Exit::Usage,
    }
}

fn of_head(error: &HeadError) -> Exit {
    match error {
        HeadError::UnknownKind { .. } | HeadError::Settings { .. } | HeadError::Loss(_) => {
            Exit::Usage
        }
        HeadError::TooFewColumns { .. } | HeadError::Metric(_) => Exit::Data,
        _ => Exit::Failure,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use mtnet::core::TaskName;

    use super::*;

    #[test]
    fn causes_are_told_once() {
        let inner = io::Error::other("disk on fire");
        let error = Error::new(inner)
            .context("a.json: disk on fire")
            .context("opening the model");
        assert_eq!(
            tell(&error),
            "error: opening the model\n  because: a.json: disk on fire"
        );
    }

    #[test]
    fn codes_tell_kinds_of_errors_apart() {
        let task = TaskName::new("x").unwrap();
        for (error, expected) in [
            (Stop::usage("x"), Exit::Usage),
            (Stop::data("x"), Exit::Data),
            (
                Error::from(TrainError::NoDevelopmentData { task }),
                Exit::Data,
            ),
            (
                TrainError::Diverged {
                    step: 1,
                    what: "loss".into(),
                }
                .into(),
                Exit::Diverged,
            ),
            (
                TrainError::Device {
                    device: "cuda".into(),
                    reason: "none".into(),
                }
                .into(),
                Exit::Usage,
            ),
            (
                ModelError::UnknownTask {
                    found: "x".into(),
                    known: "y".into(),
                }
                .into(),
                Exit::Usage,
            ),
            (
                ExportError::Options {
                    problem: "x".into(),
                    remedy: "y",
                }
                .into(),
                Exit::Usage,
            ),
            (
                anyhow::anyhow!("x").context(Stop {
                    exit: Exit::Data,
                    message: "x".into(),
                }),
                Exit::Data,
            ),
            (anyhow::anyhow!("x"), Exit::Failure),
        ] {
            assert_eq!(
                exit_of(&Err::<(), _>(error).context("outer").unwrap_err()),
                expected
            );
        }
    }

    #[test]
    fn a_reader_that_has_enough_is_no_error() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&Error::new(pipe()).context("writing")));
        assert!(is_broken_pipe(&Error::new(serde_json::Error::io(pipe()))));
        assert!(!is_broken_pipe(&anyhow::anyhow!("x")));
    }
}
