//! What the server counts, in the text format of Prometheus
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

mod histogram;
mod registry;
mod text;

pub(crate) use registry::Gauges;
pub use registry::Metrics;
