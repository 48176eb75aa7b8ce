//! Integration tests of the report crate.

mod analysis;
mod folder;
mod html;
mod pages;
mod several;
#[cfg(feature = "tui")]
mod terminal;
