//! Whole comparisons of small runs.

mod comparison;
mod killed;
mod scores;
mod workplace;
