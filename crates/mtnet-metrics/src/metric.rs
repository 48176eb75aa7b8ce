//! A measured value with its name, its direction and its unit.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{MetricKind, nan_as_null};

/// Which of two values is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// As of an accuracy.
    HigherIsBetter,
    /// As of an error.
    LowerIsBetter,
}

impl Direction {
    /// Whether `candidate` is strictly better than `incumbent`. NaN is worse than any number and
    /// never better than anything.
    pub fn is_better(self, candidate: f64, incumbent: f64) -> bool {
        if candidate.is_nan() || incumbent.is_nan() {
            return !candidate.is_nan();
        }
        match self {
            Self::HigherIsBetter => candidate > incumbent,
            Self::LowerIsBetter => candidate < incumbent,
        }
    }
}

/// What a value is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unit {
    /// A share from 0 to 1; a report may write it in percent.
    Fraction,
    /// A number without unit that is not a share: a correlation from −1 to 1, an R² of at most 1.
    Coefficient,
    /// Natural logarithms of a probability, for an example.
    Nats,
    /// The unit of the target.
    Target,
    /// The unit of the target, squared.
    TargetSquared,
}

/// A value with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// As a run file or a report writes it: `macro_f1`, or of one part `macro_f1/height`.
    pub name: Cow<'static, str>,
    /// NaN where it is undefined. Serialized as null where it is not finite, null reads as NaN.
    #[serde(with = "nan_as_null")]
    pub value: f64,
    /// Which value is the better one.
    pub direction: Direction,
    /// What it is counted in.
    pub unit: Unit,
}

impl Metric {
    /// A value of a known kind, under the name of the kind.
    pub fn new(kind: MetricKind, value: f64) -> Self {
        Self {
            name: Cow::Borrowed(kind.name()),
            value,
            direction: kind.direction(),
            unit: kind.unit(),
        }
    }

    /// A value of a known kind for one part of a task (an entity type, a target, a label), named
    /// `kind/part`.
    pub fn of_part(kind: MetricKind, part: &str, value: f64) -> Self {
        Self {
            name: Cow::Owned(format!("{}/{part}", kind.name())),
            ..Self::new(kind, value)
        }
    }
}
