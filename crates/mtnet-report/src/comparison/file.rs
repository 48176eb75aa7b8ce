//! `compare.json` as `mtnet-compare` writes it: that crate owns the format, and of it this reader
//! takes what is drawn. A number that is none is `null`.

use serde::Deserialize;
use serde::de::Error as _;

use super::advice::AdviceFile;
use super::{
    Advice, Cell, ComparedMethod, ComparedTask, Comparison, Gain, Interval, MethodDelta, Verdict,
};

/// The format that is known.
const FORMAT_VERSION: u32 = 1;

/// The whole file.
#[derive(Debug, Deserialize)]
pub struct CompareFile {
    format_version: u32,
    run: String,
    #[serde(default)]
    seeds: Vec<u64>,
    #[serde(default)]
    budget: String,
    level: f64,
    methods: Vec<Method>,
    tasks: Vec<Task>,
    overall: Overall,
    #[serde(default)]
    inference: Option<Inference>,
    #[serde(default)]
    advice: Option<AdviceFile>,
}

#[derive(Debug, Deserialize)]
struct Method {
    name: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    models: Vec<Vec<String>>,
    parameters: u64,
    seconds: f64,
    #[serde(default)]
    delta_m: Option<Estimate>,
}

#[derive(Debug, Deserialize)]
struct Task {
    task: String,
    metric: String,
    higher_is_better: bool,
    split: String,
    examples: u64,
    methods: Vec<Scores>,
    verdict: String,
    sentence: String,
}

#[derive(Debug, Deserialize)]
struct Scores {
    method: String,
    #[serde(default)]
    scores: Vec<Option<f64>>,
    mean: Estimate,
    #[serde(default)]
    gain: Option<Estimate>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Estimate {
    value: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Overall {
    sentence: String,
}

#[derive(Debug, Deserialize)]
struct Inference {
    multi_seconds: f64,
    single_seconds: f64,
}

impl CompareFile {
    /// What is drawn of the file.
    ///
    /// # Errors
    /// If it is of another version.
    pub fn comparison(self) -> Result<Comparison, serde_json::Error> {
        if self.format_version != FORMAT_VERSION {
            return Err(serde_json::Error::custom(format!(
                "format {} found, {FORMAT_VERSION} expected; it is of another version",
                self.format_version
            )));
        }
        let protocol = self.protocol();
        let inference = |name: &str| match (&self.inference, name) {
            (Some(inference), "multi-task") => Some(1000.0 * inference.multi_seconds),
            (Some(inference), "single-task") => Some(1000.0 * inference.single_seconds),
            _ => None,
        };
        let mut comparison = Comparison {
            run: self.run,
            level: self.level,
            protocol,
            overall: self.overall.sentence,
            advice: self.advice.map(Advice::from),
            ..Comparison::default()
        };
        for method in self.methods {
            if let Some(delta) = method.delta_m {
                comparison.delta_m.push(MethodDelta {
                    method: method.name.clone(),
                    delta: delta.into(),
                });
            }
            comparison.methods.push(ComparedMethod {
                inference_seconds: inference(&method.name),
                name: method.name,
                about: method.about,
                models: method.models.len(),
                parameters: method.parameters,
                training_seconds: method.seconds,
            });
        }
        for task in self.tasks {
            comparison
                .cells
                .extend(task.methods.iter().map(|scores| Cell {
                    task: task.task.clone(),
                    method: scores.method.clone(),
                    score: scores.mean.into(),
                    seeds: scores.scores.iter().copied().flatten().collect(),
                    gain: scores.gain.map(Interval::from),
                }));
            comparison.verdicts.push(Verdict {
                task: task.task.clone(),
                gain: match task.verdict.as_str() {
                    "gained" => Gain::Gained,
                    "lost" => Gain::Lost,
                    _ => Gain::NoDifference,
                },
                sentence: task.sentence,
            });
            comparison.tasks.push(ComparedTask {
                name: task.task,
                metric: task.metric,
                lower_is_better: !task.higher_is_better,
                split: task.split,
                examples: task.examples,
            });
        }
        Ok(comparison)
    }

    fn protocol(&self) -> String {
        let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        let budget = match self.budget.as_str() {
            "examples" => "Single-task models see as many examples of their task.",
            "steps" => "Single-task models see as many examples of their task in as many steps.",
            _ => "",
        };
        format!("Seeds {}. {budget}", seeds.join(", "))
            .trim()
            .to_owned()
    }
}

impl From<Estimate> for Interval {
    fn from(estimate: Estimate) -> Self {
        Self {
            value: estimate.value.unwrap_or(f64::NAN),
            ends: estimate.lower.zip(estimate.upper),
        }
    }
}
