//! Changes of the characters of a word: misspellings, mistypings, look-alikes and the invisible.
//!
//! Each is a function of a word and a [`RandomStream`](mtnet_core::RandomStream) and of nothing
//! else. Attacks draw them one by one, and [`CharacterNoise`] puts them into whole texts, to train
//! with. One file a change, named after the work that it comes from.

mod case;
mod delete;
mod edit;
mod homoglyph;
mod insert;
mod keyboard;
mod letters;
mod noise;
mod substitute;
mod swap;
mod zero_width;

pub use edit::{CharacterEdit, Ends};
pub use noise::CharacterNoise;
