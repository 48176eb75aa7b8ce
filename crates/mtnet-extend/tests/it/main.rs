//! Integration tests: a small model, extended and measured.

mod curves;
mod extensions;
mod mistakes;
mod workplace;
