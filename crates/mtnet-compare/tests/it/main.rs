//! Whole comparisons of small runs.

mod advice;
mod comparison;
mod distilled;
mod killed;
mod losing;
mod scores;
mod trial;
mod workplace;
