//! Every built-in head, and one of the user's own.

mod config;
mod custom;
mod distillation;
mod gradients;
mod heads;
