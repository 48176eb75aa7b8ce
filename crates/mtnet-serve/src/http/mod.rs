//! Connections: accepted up to a cap, served by hyper with a limit on every wait, closed with grace.

mod connections;
mod timed;

pub(crate) use connections::{Connections, Limits};
