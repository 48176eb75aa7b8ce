//! Recipes by name or from a file.

use std::path::Path;

use anyhow::Context as _;
use mtnet::attack::{AttackConfig, Recipe};

use crate::cli::exit::{Exit, Stop};

/// A recipe that was asked for.
#[derive(Debug)]
pub struct Chosen {
    /// Its settings.
    pub config: AttackConfig,
    /// Whether it came in with `all`, and is passed over where it does not fit.
    pub is_optional: bool,
}

/// The recipes that `names` stand for. `all` are those that need no file, and `synonyms` where
/// there is a table.
pub fn choose(names: &[String], has_synonyms: bool) -> anyhow::Result<Vec<Chosen>> {
    let mut chosen = Vec::new();
    for name in names {
        if name == "all" {
            let fits = |recipe: &Recipe| has_synonyms || *recipe != Recipe::Synonyms;
            let all = Recipe::ALL.into_iter().filter(fits);
            chosen.extend(all.map(|recipe| Chosen {
                config: recipe.config(),
                is_optional: true,
            }));
        } else {
            chosen.push(Chosen {
                config: read(name)?,
                is_optional: false,
            });
        }
    }
    Ok(chosen)
}

fn read(name: &str) -> anyhow::Result<AttackConfig> {
    if !name.ends_with(".toml") {
        return Ok(name.parse::<Recipe>()?.config());
    }
    let content = std::fs::read_to_string(Path::new(name))
        .map_err(|error| Stop::usage(format!("cannot read recipe {name}: {error}")))?;
    toml::from_str(&content).with_context(|| Stop {
        exit: Exit::Usage,
        message: format!("{name} is no recipe"),
    })
}
