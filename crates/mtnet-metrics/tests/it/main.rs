//! Metrics against published implementations, their own rules, and what they refuse.

mod calibration;
mod classification;
mod dependency;
mod entities;
mod entity_round_trip;
mod multi_label;
mod oracle;
mod properties;
mod ranking_properties;
mod refusals;
mod regression;
mod scores;
mod squad;
mod statistics;
mod temperature;
mod vocabulary;
