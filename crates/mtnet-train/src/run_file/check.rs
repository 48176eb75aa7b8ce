//! What the types of a run file cannot say: numbers in range, names that exist, settings that go
//! together.

mod error;
mod files;
mod tasks;
mod training;

use mtnet_heads::HeadRegistry;

pub use self::error::{RunFileError, RunFileProblem};
pub(super) use self::files::check_files;
use super::RunConfig;
use super::load::{Place, Places};

/// The first setting that makes no sense.
pub(super) fn check_config(
    config: &RunConfig,
    places: Option<&Places>,
) -> Result<(), RunFileError> {
    let report = Report { places };
    training::check_run(config, &report)?;
    tasks::check_lists(config, &report)?;
    tasks::check_datasets(config, &report)?;
    training::check_encoder(config, &report)?;
    training::check_train(&config.train, &report)?;
    training::check_monitor(config, &report)?;
    training::check_robustness(config, &report)?;
    tasks::check_distillation(config, &report)?;
    training::check_precision(config, &report)?;
    training::check_selection(config, &report)?;
    training::check_mixing(config, &report)
}

/// The first head that is neither built in nor in `registry`.
pub(super) fn check_heads(
    config: &RunConfig,
    registry: &HeadRegistry,
    places: Option<&Places>,
) -> Result<(), RunFileError> {
    let report = Report { places };
    for (index, task) in config.task.iter().enumerate() {
        registry.check(&task.head).map_err(|source| {
            let problem = RunFileProblem::Head {
                task: task.name.to_string(),
                source,
            };
            report.error(&format!("task.{index}.head"), problem)
        })?;
    }
    Ok(())
}

/// Makes errors that know where a setting stands.
struct Report<'a> {
    places: Option<&'a Places>,
}

impl Report<'_> {
    /// A problem of the setting at `path`, such as `task.0.head`.
    fn error(&self, path: &str, problem: impl Into<RunFileProblem>) -> RunFileError {
        let place = self.places.map_or(Place::Code, |places| places.find(path));
        RunFileError::new(place, problem)
    }

    /// A value that is not what it should be; `key` is the path as a message shows it.
    fn value(
        &self,
        path: &str,
        key: &str,
        found: impl ToString,
        expected: impl ToString,
    ) -> RunFileError {
        let problem = RunFileProblem::Value {
            key: key.to_owned(),
            found: found.to_string(),
            expected: expected.to_string(),
            nearest: None,
        };
        self.error(path, problem)
    }

    /// A name that nothing has, with what has names.
    fn unknown(
        &self,
        path: &str,
        key: &str,
        found: &str,
        what: &str,
        known: &[&str],
    ) -> RunFileError {
        let problem = RunFileProblem::Value {
            key: key.to_owned(),
            found: format!("{found:?}"),
            expected: format!("{what} `{}`", known.join("`, `")),
            nearest: mtnet_core::nearest(found, known.iter().copied()).map(str::to_owned),
        };
        self.error(path, problem)
    }
}
