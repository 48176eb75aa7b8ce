//! Encoded texts, kept from one run to the next by the content of everything they depend on.

mod codec;
mod file;
mod key;
mod token_cache;

pub use token_cache::TokenCache;
