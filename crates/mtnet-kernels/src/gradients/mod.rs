//! Gradients of many parameters side by side: what backward passes add to, aggregators combine
//! and optimizers read.
//!
//! On a CPU a [`GradientBuffer`] is one flat run of numbers, laid out once by a
//! [`GradientLayout`] and used again in every step; the gradients of several tasks are several
//! buffers of one layout. On other devices it holds one tensor a parameter behind the same
//! functions.

mod buffer;
mod layout;
mod numbers;
mod products;
mod reach;
mod rows;
mod slot;

pub use buffer::{GradientBuffer, GradientView};
pub use layout::{GradientEntry, GradientLayout};
pub use products::gradient_products;
pub use reach::Reach;
pub use rows::RowGradients;
pub use slot::GradientSlot;
