//! A `[tune.space]` held against the run file: every value must make a run file that is accepted.

use std::path::Path;

use mtnet_heads::HeadRegistry;
use mtnet_train::run_file::{
    DimensionConfig, EvalStrategy, Number, RunFile, RunFileError, RunFileProblem,
};
use toml::Value;

use super::{Dimension, Range, Space, Values};
use crate::error::{Problem, Problems};
use crate::settings::overrides;

/// Settings that no search may change, with the reason; a final dot stands for all below.
const FIXED: [(&str, &str); 4] = [
    (
        "run.",
        "names, seed, device and folders do not belong to the model; seeds are compared with `mtnet compare`",
    ),
    ("tune.", "a search does not search itself"),
    (
        "train.metric_for_best_model",
        "all trials are ranked by one number; set `tune.objective`",
    ),
    ("train.threads", "results do not depend on it"),
];

/// Of data sets and tasks, what decides which number is compared with which.
const JUDGES: [(&str, &[&str]); 2] = [
    (
        "dataset",
        &[
            "name",
            "dev",
            "dev_fraction",
            "test",
            "test_fraction",
            "split_seed",
            "limit",
        ],
    ),
    ("task", &["name", "dataset", "label", "labels", "metric"]),
];

/// Makes run files with other settings, to see whether they are accepted.
pub(crate) struct Probe<'a> {
    /// The run file's text.
    pub text: &'a str,
    /// Where it lies.
    pub path: &'a Path,
    /// What the command line sets.
    pub overrides: &'a [String],
    /// Whether lengths of training belong to the rungs of successive halving.
    pub halving: bool,
}

impl Probe<'_> {
    /// The run file with further overrides.
    pub fn with(&self, further: &[String]) -> Result<RunFile, RunFileError> {
        let all = [self.overrides, further].concat();
        RunFile::parse(self.text, self.path, &all)
    }

    fn with_value(&self, name: &str, value: &Value) -> Result<RunFile, Refusal> {
        let settings = [(name.to_owned(), value.clone())].into();
        let registry = HeadRegistry::default();
        let made = self.with(&overrides(&settings)).and_then(|run| {
            run.check_files()?;
            run.check_heads(&registry)?;
            Ok(run)
        });
        let run = made.map_err(|error| {
            let problem = error.problem();
            Refusal {
                names_nothing: matches!(
                    problem,
                    RunFileProblem::UnknownKey { .. } | RunFileProblem::Override { .. }
                ),
                text: problem.to_string(),
            }
        })?;
        match run.config.train.eval_strategy {
            EvalStrategy::No => Err(Refusal {
                names_nothing: false,
                text: "`train.eval_strategy` is \"no\", so that nothing is scored on the development data"
                    .to_owned(),
            }),
            _ => Ok(run),
        }
    }
}

/// Why a value is refused, and whether its setting is not known at all.
struct Refusal {
    names_nothing: bool,
    text: String,
}

/// The space of a checked run file.
///
/// # Errors
/// With everything that is wrong.
pub(crate) fn check(run: &RunFile, probe: &Probe<'_>) -> Result<Space, Problems> {
    let tune = run.config.tune.as_ref();
    let mut dimensions = Vec::new();
    let mut problems = Vec::new();
    for (name, config) in tune.into_iter().flat_map(|tune| &tune.space) {
        let found = match fixed(name, probe.halving) {
            Some(reason) => Err(vec![format!("not a setting to search: {reason}")]),
            None => values(name, config, probe),
        };
        match found {
            Ok(values) => dimensions.push(Dimension {
                name: name.clone(),
                values,
            }),
            Err(found) => problems.extend(found.into_iter().map(|problem| Problem {
                place: run.place(&format!("tune.space.{name}")),
                key: format!("space.\"{name}\""),
                problem,
            })),
        }
    }
    if dimensions.is_empty() && problems.is_empty() {
        problems.push(Problem {
            place: run.place("tune.space"),
            key: "space".to_owned(),
            problem: "there is nothing to try; name a setting, such as \
                      \"train.learning_rate\" = { low = 1e-4, high = 1e-2, log = true }"
                .to_owned(),
        });
    }
    match problems.is_empty() {
        true => Ok(Space { dimensions }),
        false => Err(Problems(problems)),
    }
}

fn fixed(name: &str, halving: bool) -> Option<&'static str> {
    if halving && matches!(name, "train.epochs" | "train.max_steps") {
        return Some("`[tune.halving]` decides how long trials train");
    }
    let stands_for = |key: &str| name == key || (key.ends_with('.') && name.starts_with(key));
    if let Some((_, reason)) = FIXED.iter().find(|(key, _)| stands_for(key)) {
        return Some(reason);
    }
    let mut parts = name.split('.');
    let (list, _, key) = (parts.next()?, parts.next()?, parts.next()?);
    JUDGES
        .iter()
        .any(|(judge, keys)| list == *judge && keys.contains(&key))
        .then_some("scores on other development data or targets cannot be compared")
}

fn values(name: &str, config: &DimensionConfig, probe: &Probe<'_>) -> Result<Values, Vec<String>> {
    match (&config.choices, config.low, config.high) {
        (Some(choices), None, None) => self::choices(name, config, choices, probe),
        (None, Some(low), Some(high)) => range(name, config, (low, high), probe),
        (Some(_), _, _) => Err(vec![
            "both a range and `choices` are given, expected one of them".to_owned(),
        ]),
        (None, Some(_), None) => Err(vec!["`high` is missing beside `low`".to_owned()]),
        (None, None, Some(_)) => Err(vec!["`low` is missing beside `high`".to_owned()]),
        (None, None, None) => Err(vec![
            "expected a range `{ low = …, high = … }` or `{ choices = […] }`".to_owned(),
        ]),
    }
}

fn choices(
    name: &str,
    config: &DimensionConfig,
    choices: &[Value],
    probe: &Probe<'_>,
) -> Result<Values, Vec<String>> {
    let mut problems = Vec::new();
    if config.log || config.step.is_some() {
        problems.push("`log` and `step` have no effect with `choices`".to_owned());
    }
    if choices.len() < 2 {
        problems.push(format!(
            "`choices` has {}, expected at least 2; set a single value in its own table",
            choices.len()
        ));
    }
    for (index, choice) in choices.iter().enumerate() {
        if choices[..index].contains(choice) {
            problems.push(format!("the choice {choice} is given twice"));
        }
    }
    for choice in choices {
        if let Err(problem) = probe.with_value(name, choice) {
            let unknown = problem.names_nothing;
            problems.push(problem.text);
            if unknown {
                break;
            }
        }
    }
    match problems.is_empty() {
        true => Ok(Values::Choices(choices.to_vec())),
        false => Err(problems),
    }
}

fn range(
    name: &str,
    config: &DimensionConfig,
    (low, high): (Number, Number),
    probe: &Probe<'_>,
) -> Result<Values, Vec<String>> {
    let mut problems = Vec::new();
    let step = config.step.map(Number::value);
    if !(low.value().is_finite() && high.value().is_finite()) {
        problems.push("`low` and `high` must be finite".to_owned());
    } else if low.value() >= high.value() {
        problems.push(format!(
            "the range is empty: `low` is {}, `high` is {}",
            low.value(),
            high.value()
        ));
    }
    if config.log && low.value() <= 0.0 {
        problems.push(format!(
            "`low` is {}, expected above 0 with `log = true`",
            low.value()
        ));
    }
    if let Some(step) = step
        && !(step.is_finite() && step > 0.0 && step <= high.value() - low.value())
    {
        problems.push(format!(
            "`step` is {step}, expected above 0 and at most the width of the range"
        ));
    }
    // Whether the setting takes whole numbers is asked of the run file that it makes.
    let mut whole = [low, high, config.step.unwrap_or(low)]
        .iter()
        .all(|number| matches!(number, Number::Whole(_)));
    for end in [low, high] {
        match probe.with_value(name, &toml_number(end)) {
            Ok(run) => {
                if let Some(found) = setting(&run, name) {
                    whole = matches!(found, Value::Integer(_));
                }
            }
            Err(problem) => {
                let unknown = problem.names_nothing;
                if !problems.contains(&problem.text) {
                    problems.push(problem.text);
                }
                if unknown {
                    break;
                }
            }
        }
    }
    if whole && matches!(config.step, Some(Number::Real(_))) {
        problems.push("`step` has a point, the setting takes whole numbers".to_owned());
    }
    match problems.is_empty() {
        true => Ok(Values::Range(Range {
            low: low.value(),
            high: high.value(),
            log: config.log,
            step: step.or(whole.then_some(1.0)),
            whole,
        })),
        false => Err(problems),
    }
}

fn toml_number(number: Number) -> Value {
    match number {
        Number::Whole(whole) => Value::Integer(whole),
        Number::Real(real) => Value::Float(real),
    }
}

/// A setting of a run file as its own type writes it.
fn setting(run: &RunFile, name: &str) -> Option<Value> {
    let mut value = Value::try_from(&run.config).ok()?;
    for key in name.split('.') {
        value = match value {
            Value::Table(mut table) => table.remove(key)?,
            Value::Array(mut entries) => {
                let named = |entry: &Value| entry.get("name").and_then(Value::as_str) == Some(key);
                let index = entries
                    .iter()
                    .position(named)
                    .or_else(|| key.parse().ok())?;
                (index < entries.len()).then(|| entries.swap_remove(index))?
            }
            _ => return None,
        };
    }
    Some(value)
}
