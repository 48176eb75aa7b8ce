//! The metrics of one task on one split, in order, by name.

use serde::{Deserialize, Serialize};

use crate::{Metric, MetricKind};

/// Metrics in the order they were put in, the main one first. Names are unique.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Metric>", into = "Vec<Metric>")]
pub struct MetricSet(Vec<Metric>);

impl MetricSet {
    /// A set without metrics.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a metric at the end, or in the place of the one of the same name.
    pub fn insert(&mut self, metric: Metric) {
        match self.0.iter_mut().find(|known| known.name == metric.name) {
            Some(known) => *known = metric,
            None => self.0.push(metric),
        }
    }

    /// Inserts a value of a known kind under the name of the kind.
    pub fn record(&mut self, kind: MetricKind, value: f64) {
        self.insert(Metric::new(kind, value));
    }

    /// The metric of this name.
    pub fn get(&self, name: &str) -> Option<&Metric> {
        self.0.iter().find(|metric| metric.name == name)
    }

    /// The value of this name; NaN where it is undefined, `None` where there is no such metric.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.get(name).map(|metric| metric.value)
    }

    /// The first metric, by which a task is selected and reported unless told otherwise.
    pub fn main(&self) -> Option<&Metric> {
        self.0.first()
    }

    /// All metrics in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Metric> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<Metric> for MetricSet {
    fn extend<I: IntoIterator<Item = Metric>>(&mut self, metrics: I) {
        for metric in metrics {
            self.insert(metric);
        }
    }
}

impl FromIterator<Metric> for MetricSet {
    fn from_iter<I: IntoIterator<Item = Metric>>(metrics: I) -> Self {
        let mut set = Self::new();
        set.extend(metrics);
        set
    }
}

impl From<Vec<Metric>> for MetricSet {
    fn from(metrics: Vec<Metric>) -> Self {
        metrics.into_iter().collect()
    }
}

impl From<MetricSet> for Vec<Metric> {
    fn from(set: MetricSet) -> Self {
        set.0
    }
}

impl IntoIterator for MetricSet {
    type Item = Metric;
    type IntoIter = std::vec::IntoIter<Metric>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a MetricSet {
    type Item = &'a Metric;
    type IntoIter = std::slice::Iter<'a, Metric>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
