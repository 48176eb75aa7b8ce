//! The `[tune]` table: what a search over settings tries, and how.
//!
//! Only the types stand here, so that a run file with such a table is read, checked and completed
//! by editors as any other; the search itself is the crate `mtnet-tune`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A search over settings of the run file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TuneConfig {
    /// How many settings are tried. Default 20.
    #[serde(default = "default_trials")]
    pub trials: usize,
    /// Seed of the search; the runs keep that of `[run]`. Default 0.
    #[serde(default)]
    pub seed: u64,
    /// How settings are chosen: `tpe` (default) or `random`.
    #[serde(default)]
    pub sampler: SamplerKind,
    /// What trials are ranked by on the development data, and their weights selected by: `mean`,
    /// `<task>` or `<task>.<metric>`. Default: `train.metric_for_best_model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<String>,
    /// Time after which no further trial begins, such as `90min` or `2h 30min`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// Successive halving; by default every trial trains to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halving: Option<HalvingConfig>,
    /// The settings that are tried, by their dotted names in quotes: `"train.learning_rate"`.
    pub space: BTreeMap<String, DimensionConfig>,
}

fn default_trials() -> usize {
    20
}

/// How settings are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SamplerKind {
    /// Each by itself, at random.
    Random,
    /// Tree-structured Parzen estimators (Bergstra et al. 2011).
    #[default]
    Tpe,
}

/// Successive halving: all trials train a little, the best of them go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HalvingConfig {
    /// How many lengths there are; the last is `train.epochs`. Default 3.
    #[serde(default = "default_rungs")]
    pub rungs: usize,
    /// One in how many trials goes on, and how many times as long it then trains. Default 3.
    #[serde(default = "default_reduction")]
    pub reduction: usize,
}

fn default_rungs() -> usize {
    3
}

fn default_reduction() -> usize {
    3
}

/// The values of one setting: a range from `low` to `high`, or `choices`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DimensionConfig {
    /// Least value of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Number>,
    /// Largest value of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Number>,
    /// Whether a range is drawn from by its logarithm. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log: bool,
    /// Distance of the values of a range, counted from `low`. Default: 1 for a setting that takes
    /// whole numbers, any value for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Number>,
    /// The values instead of a range: numbers, strings, true and false, lists or tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<serde_json::Value>>")]
    pub choices: Option<Vec<toml::Value>>,
}

/// A number as it is written: `8`, or `0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Number {
    /// Without a point.
    Whole(i64),
    /// With a point or an exponent.
    Real(f64),
}

impl Number {
    /// Its value.
    pub fn value(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Real(real) => real,
        }
    }
}
