//! Reading a run file: text, overrides, keys, types, then sense.

mod identity;
mod overrides;
mod paths;
mod places;
mod source;

use std::path::{Path, PathBuf};

use mtnet_heads::HeadRegistry;
use serde::de::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

pub(super) use self::overrides::entry_name;
pub(super) use self::places::Places;
pub use self::source::Place;
pub(super) use self::source::Source;
use super::check::{RunFileProblem, check_config, check_files, check_heads};
use super::{RunConfig, RunFileError, run_file_schema, unknown};

/// A run file that was read and makes sense, with the folder that its relative paths start at.
#[derive(Clone, Debug)]
pub struct RunFile {
    /// Its tables, with defaults filled in.
    pub config: RunConfig,
    /// The folder of the run file: relative paths of data, word vectors and encoders start here.
    pub base: PathBuf,
    /// Where its settings stand, `None` where a program made them.
    places: Option<Places>,
}

impl RunFile {
    /// Reads a run file and applies `overrides` such as `train.learning_rate=3e-5`.
    ///
    /// The value of an override is TOML, or else a string as it stands; entries of `[[dataset]]` and
    /// `[[task]]` are addressed by name: `dataset.ewt.train=other.conllu`. No other file is read;
    /// see [`Self::check_files`].
    ///
    /// # Errors
    /// [`RunFileError`] with the first mistake: where it is, what was found and what was expected.
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, RunFileError> {
        let refuse = |problem| RunFileError::new(Place::File(path.to_owned()), problem);
        let bytes = std::fs::read(path).map_err(|source| refuse(RunFileProblem::Read(source)))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
                .split(|&byte| byte == b'\n')
                .count();
            refuse(RunFileProblem::Syntax(format!("line {line} is not UTF-8")))
        })?;
        Self::parse(&text, path, overrides)
    }

    /// As [`Self::load`], from the text of the run file `origin`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn parse(text: &str, origin: &Path, overrides: &[String]) -> Result<Self, RunFileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let source = Source::new(origin, text, overrides);
        let mut root = DeTable::parse(source.text()).map_err(|error| {
            let place = match error.span() {
                Some(span) => source.place(&span),
                None => Place::File(origin.to_owned()),
            };
            RunFileError::new(place, RunFileProblem::Syntax(error.message().to_owned()))
        })?;
        let overrides = overrides::read(&source)?;
        overrides::apply(&source, &overrides, root.get_mut())?;
        let places = Places::new(source.clone(), root.get_ref());
        let mut config = read_config(root, &places)?;
        config.monitor.get_or_insert_default();
        check_config(&config, Some(&places))?;
        let base = origin.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self {
            config,
            base,
            places: Some(places),
        })
    }

    /// A run that a program puts together; relative paths start at `base`.
    ///
    /// # Errors
    /// [`RunFileError`] with the first setting that makes no sense.
    pub fn new(config: RunConfig, base: PathBuf) -> Result<Self, RunFileError> {
        check_config(&config, None)?;
        Ok(Self {
            config,
            base,
            places: None,
        })
    }

    /// Looks whether every file that is named is there.
    ///
    /// # Errors
    /// `RunFileProblem::MissingFile` with the first that is not.
    pub fn check_files(&self) -> Result<(), RunFileError> {
        check_files(&self.config, &self.base, self.places.as_ref())
    }

    /// Looks whether every task's head is built in or in `registry`.
    ///
    /// # Errors
    /// `RunFileProblem::Head` with the first that is not.
    pub fn check_heads(&self, registry: &HeadRegistry) -> Result<(), RunFileError> {
        check_heads(&self.config, registry, self.places.as_ref())
    }

    /// Where the setting at a path such as `train.epochs` or `task.0.head` stands, or the nearest
    /// table around it that is written down.
    pub fn place(&self, path: &str) -> Place {
        self.places
            .as_ref()
            .map_or(Place::Code, |places| places.find(path))
    }

    /// A path of the run file as seen from the working folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    /// The same run with every path absolute, so that it can be kept in another folder.
    ///
    /// An encoder that is named as on the hub and is no folder stays as it is.
    ///
    /// # Errors
    /// If the working folder is not known.
    pub fn with_absolute_paths(&self) -> std::io::Result<Self> {
        let base = match self.base.as_os_str().is_empty() {
            true => std::path::absolute(".")?,
            false => std::path::absolute(&self.base)?,
        };
        let mut run = Self {
            base,
            ..self.clone()
        };
        paths::make_absolute(&mut run.config, &run.base);
        Ok(run)
    }

    /// The run as TOML, every default filled in.
    pub fn render(&self) -> String {
        render(&self.config)
    }
}

fn render(config: &RunConfig) -> String {
    toml::to_string_pretty(config).expect("a checked configuration is a TOML document")
}

/// Holds the tables against the schema, then reads them.
fn read_config(root: Spanned<DeTable<'_>>, places: &Places) -> Result<RunConfig, RunFileError> {
    let schema = run_file_schema();
    unknown::check(schema.as_value(), root.get_ref(), places)?;
    RunConfig::deserialize(Deserializer::from(root)).map_err(|error| {
        let problem = error.message().to_owned();
        match error.span() {
            Some(span) => {
                let key = places.innermost(&span);
                RunFileError::new(
                    places.place(&span),
                    RunFileProblem::Refused { key, problem },
                )
            }
            None => RunFileError::new(places.file(), RunFileProblem::Syntax(problem)),
        }
    })
}

#[cfg(test)]
mod tests;
