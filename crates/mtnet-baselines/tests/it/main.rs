//! Baselines against scikit-learn, and what they learn and refuse.

mod refusals;
mod sklearn;
mod tagger;
