//! Recipes: named compositions of goal, constraints, transformations and search. One file a recipe.

mod case;
mod checklist;
mod deepwordbug;
mod hotflip;
mod input_reduction;
mod keyboard;
mod name;
mod synonyms;
mod textbugger;
mod zero_width;

pub use name::Recipe;
