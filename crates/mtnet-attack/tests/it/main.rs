//! Attacks on small models with weights as they were drawn, and the changes of characters.

mod attacks;
mod characters;
mod gradients;
mod questions;
mod recipes;
mod reports;
mod victims;
