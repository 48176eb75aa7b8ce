//! What can be wrong with an attack.

use mtnet_model::ModelError;
use mtnet_text::TextError;

/// Why an attack could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttackError {
    /// A goal that the task cannot have.
    #[error("task `{task}`: {problem}")]
    Goal {
        /// The task.
        task: String,
        /// What was found, what was expected, and what to do.
        problem: String,
    },
    /// A transformation that the task or the settings leave nothing of.
    #[error("recipe `{recipe}` on task `{task}`: {problem}")]
    Transformation {
        /// The recipe.
        recipe: String,
        /// The task.
        task: String,
        /// What is missing, and what to do.
        problem: String,
    },
    /// A setting out of range.
    #[error("`{key}` is {found}, expected {expected}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What it says.
        found: String,
        /// What it may say.
        expected: &'static str,
    },
    /// A line of a table of synonyms.
    #[error("line {line}: {problem}; expected a word, a tab, and its synonyms with tabs between")]
    Synonyms {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A recipe that nobody has named so.
    #[error("no recipe `{found}`; there are {known}")]
    UnknownRecipe {
        /// The name.
        found: String,
        /// All names, the nearest first where one is near.
        known: String,
    },
    /// A model whose embeddings no gradient can be read at.
    #[error(
        "this model gives no gradient at its word embeddings: {problem}; use a recipe that only \
         asks the model"
    )]
    WhiteBox {
        /// What is missing.
        problem: String,
    },
    /// The model failed.
    #[error(transparent)]
    Model(Box<ModelError>),
    /// A text could not be encoded.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl From<ModelError> for AttackError {
    fn from(error: ModelError) -> Self {
        Self::Model(Box::new(error))
    }
}
