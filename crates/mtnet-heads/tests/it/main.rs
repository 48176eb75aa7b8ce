//! Every built-in head, and one of the user's own.

mod calibrate;
mod config;
mod custom;
mod distillation;
mod gradients;
mod heads;
