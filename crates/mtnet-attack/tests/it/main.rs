//! Attacks on small models with weights as they were drawn.

mod attacks;
mod gradients;
mod questions;
mod recipes;
mod reports;
mod victims;
